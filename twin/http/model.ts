import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A reference to a shape, with what this place adds to it on the wire. */
export interface ShapeRef {
  readonly shape: string;
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  readonly locationName?: string;
  readonly flattened?: boolean;
  readonly streaming?: boolean;
  readonly xmlAttribute?: boolean;
  readonly xmlNamespace?: { readonly uri: string; readonly prefix?: string };
  readonly timestampFormat?: TimestampFormat;
}

export type TimestampFormat = 'iso8601' | 'rfc822' | 'unixTimestamp';

export interface Shape {
  readonly type: 'structure' | 'list' | 'map' | 'string' | 'integer' | 'long' | 'float' | 'double' | 'boolean' | 'blob' | 'timestamp'
    | 'character' | 'bigdecimal';
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, ShapeRef>>;
  readonly member?: ShapeRef;
  readonly key?: ShapeRef;
  readonly value?: ShapeRef;
  readonly enum?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly timestampFormat?: TimestampFormat;
  readonly payload?: string;
  readonly flattened?: boolean;
  readonly locationName?: string;
  readonly document?: boolean;
  readonly sensitive?: boolean;
  readonly exception?: boolean;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number; readonly senderFault?: boolean };
}

export type ProtocolName = 'json' | 'rest-json' | 'rest-xml' | 'query';

export interface OperationModel {
  readonly name: string;
  readonly service: ServiceModel;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: string;
  readonly output?: string;
  readonly resultWrapper?: string;
  readonly errors: readonly string[];
}

interface ModelFile {
  readonly service: string;
  readonly signingName: string;
  readonly protocols: readonly string[];
  readonly apiVersion: string;
  readonly targetPrefix?: string;
  readonly jsonVersion?: string;
  readonly xmlNamespace?: string;
  readonly awsQueryCompatible?: boolean;
  readonly operations: Readonly<Record<string, Omit<OperationModel, 'name' | 'service'>>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** One API: its operations and shapes. A signing name may cover several APIs (`sagemaker` also signs for `sagemaker-runtime`). */
export class ServiceModel {
  readonly operations: ReadonlyMap<string, OperationModel>;

  constructor(private readonly file: ModelFile) {
    this.operations = new Map(Object.entries(file.operations).map(([name, operation]) => [name, { ...operation, name, service: this }]));
  }

  get name(): string { return this.file.service; }
  get signingName(): string { return this.file.signingName; }
  get apiVersion(): string { return this.file.apiVersion; }
  get targetPrefix(): string | undefined { return this.file.targetPrefix; }
  get jsonVersion(): string { return this.file.jsonVersion ?? '1.1'; }
  get xmlNamespace(): string | undefined { return this.file.xmlNamespace; }
  get awsQueryCompatible(): boolean { return this.file.awsQueryCompatible ?? false; }

  speaks(protocol: ProtocolName): boolean {
    return this.file.protocols.includes(protocol);
  }

  /** The protocol that in-process calls and errors without a decoded request are worded in. */
  get protocol(): ProtocolName {
    const known = this.file.protocols.find((name) => ['json', 'rest-json', 'rest-xml', 'query'].includes(name));
    if (known === undefined) throw new Error(`${this.name} speaks ${this.file.protocols.join(', ')}; the twin knows json, rest-json, rest-xml and query`);
    return known as ProtocolName;
  }

  shape(name: string): Shape {
    const shape = this.file.shapes[name];
    if (shape === undefined) throw new Error(`the model of ${this.name} has no shape ${name}; run scripts/generate-service-models.py again`);
    return shape;
  }

  /** The shape of an error of this operation, by its name or by the code it has on the wire. */
  error(operation: OperationModel | undefined, code: string): { name: string; shape: Shape } | undefined {
    for (const name of operation?.errors ?? []) {
      const shape = this.shape(name);
      if (name === code || shape.error?.code === code) return { name, shape };
    }
    return undefined;
  }
}

const FOLDER = join(__dirname, '..', 'models');

/** The models of every API the twin knows, read once, on first use. */
export class Models {
  private readonly bySigningName = new Map<string, ServiceModel[]>();

  constructor(folder = FOLDER) {
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.json')).sort()) {
      const model = new ServiceModel(JSON.parse(readFileSync(join(folder, name), 'utf8')) as ModelFile);
      this.bySigningName.set(model.signingName, [...(this.bySigningName.get(model.signingName) ?? []), model]);
    }
  }

  private static shared: Models | undefined;

  static load(): Models {
    return (this.shared ??= new Models());
  }

  apis(signingName: string): readonly ServiceModel[] {
    return this.bySigningName.get(signingName) ?? [];
  }

  all(): ServiceModel[] {
    return [...this.bySigningName.values()].flat();
  }

  operation(signingName: string, name: string): OperationModel | undefined {
    for (const api of this.apis(signingName)) {
      const operation = api.operations.get(name);
      if (operation !== undefined) return operation;
    }
    return undefined;
  }
}
