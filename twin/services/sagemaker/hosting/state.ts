import { World } from '../../../world';
import { ContainerSpec } from '../artifacts';
import { arnOf, Kind, validation } from '../names';
import type { Endpoint } from './endpoint';

/* eslint-disable @typescript-eslint/no-explicit-any -- settings as given, in the API's shape */

export interface Model {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly roleArn: string;
  /** What runs; of a model package, its containers at the time of creation. */
  readonly container: ContainerSpec;
  readonly settings: Record<string, any>;
}

export interface VariantSettings {
  readonly VariantName: string;
  readonly ModelName: string;
  readonly InstanceType: string;
  readonly InitialInstanceCount: number;
  readonly InitialVariantWeight?: number;
  readonly ContainerStartupHealthCheckTimeoutInSeconds?: number;
}

export interface DataCaptureSettings {
  readonly EnableCapture?: boolean;
  readonly InitialSamplingPercentage: number;
  readonly DestinationS3Uri: string;
  readonly KmsKeyId?: string;
  readonly CaptureOptions: ReadonlyArray<{ readonly CaptureMode: 'Input' | 'Output' | 'InputAndOutput' }>;
  readonly CaptureContentTypeHeader?: { readonly CsvContentTypes?: readonly string[]; readonly JsonContentTypes?: readonly string[] };
}

export interface EndpointConfig {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly variants: readonly VariantSettings[];
  readonly capture?: DataCaptureSettings;
  readonly settings: Record<string, any>;
}

const WORDS: Partial<Record<Kind, string>> = { model: 'model', 'endpoint-config': 'endpoint configuration', endpoint: 'endpoint' };

/** Things of one kind by name. Names that differ only in case are the same to SageMaker's ARNs. */
export class Registry<T extends { readonly name: string; readonly arn: string }> {
  private readonly byName = new Map<string, T>();

  constructor(private readonly world: World, private readonly kind: Kind) {}

  arn(name: string): string {
    return arnOf(this.world, this.kind, name);
  }

  find(name: string): T | undefined {
    return this.byName.get(name.toLowerCase());
  }

  get(name: string): T {
    const found = this.find(name);
    if (!found) throw validation(`Could not find ${WORDS[this.kind]} "${this.arn(name)}".`);
    return found;
  }

  checkNew(name: string): void {
    if (this.find(name)) throw validation(`Cannot create already existing ${WORDS[this.kind]} "${this.arn(name)}".`);
  }

  add(item: T): void {
    this.byName.set(item.name.toLowerCase(), item);
  }

  delete(name: string): void {
    this.byName.delete(name.toLowerCase());
  }

  all(): T[] {
    return [...this.byName.values()];
  }
}

/** Models, endpoint configurations and endpoints. */
export class HostingState {
  readonly models: Registry<Model>;
  readonly configs: Registry<EndpointConfig>;
  readonly endpoints: Registry<Endpoint>;

  constructor(world: World) {
    this.models = new Registry(world, 'model');
    this.configs = new Registry(world, 'endpoint-config');
    this.endpoints = new Registry(world, 'endpoint');
  }
}
