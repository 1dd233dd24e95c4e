import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { App, BootstraplessSynthesizer, CfnResource, Stack, type StackProps } from 'aws-cdk-lib';
import { AwsError, Twin, type Operation, type ResourceProvider, type Service, type TwinOptions } from '../../../twin';

/** A service whose only resource, `Test::Fake::Thing`, writes down what is done to it. */
export class FakeService implements Service {
  readonly name: string = 'fake';
  readonly operations: Record<string, Operation> = {};
  readonly log: string[] = [];
  readonly things = new Map<string, Record<string, unknown>>();
  /** Logical ids whose next create, update or delete fails. */
  readonly failing = new Set<string>();

  private readonly provider: ResourceProvider = {
    properties: ['Name', 'Value', 'Refs', 'Fixed', 'Tags'],
    createOnly: ['Name', 'Fixed'],
    create: ({ logicalId, properties, generateName }) => {
      this.attempt('create', logicalId);
      const physicalId: string = properties.Name ?? generateName(40);
      if (this.things.has(physicalId)) throw new Error(`${physicalId} already exists`);
      this.things.set(physicalId, properties);
      return { physicalId, attributes: { Arn: `arn:fake:${physicalId}`, Value: properties.Value, Nested: { Deep: 'down' } } };
    },
    update: ({ logicalId, properties }, existing) => {
      this.attempt('update', logicalId);
      this.things.set(existing.physicalId, properties);
      return { ...existing, attributes: { ...existing.attributes, Value: properties.Value } };
    },
    delete: ({ logicalId }, { physicalId }) => {
      this.attempt('delete', logicalId);
      this.things.delete(physicalId);
    },
  };

  readonly resources: Record<string, ResourceProvider> = { 'Test::Fake::Thing': this.provider };

  remaining(): string[] {
    return [...this.things.keys()].map((id) => `arn:fake:${id}`);
  }

  private attempt(action: string, logicalId: string): void {
    if (this.failing.has(`${action} ${logicalId}`)) throw new Error(`${action} of ${logicalId} was made to fail`);
    this.log.push(`${action} ${logicalId}`);
  }
}

/** Stands in for S3 as far as bootstrapping and publishing assets go. */
export class FakeS3 extends FakeService {
  override readonly name = 's3';
  readonly objects = new Map<string, Buffer>();
  override readonly operations: Record<string, Operation> = {
    HeadObject: {
      authorize: () => [],
      run: ({ Key }) => {
        if (!this.objects.has(Key)) throw new AwsError('NotFound', 'Not Found', 404);
        return {};
      },
    },
    PutObject: { authorize: () => [], run: ({ Key, Body }) => { this.objects.set(Key, Body); } },
  };
  override readonly resources: Record<string, ResourceProvider> = {
    'AWS::S3::Bucket': {
      properties: ['BucketName', 'BucketEncryption', 'VersioningConfiguration', 'PublicAccessBlockConfiguration'],
      createOnly: ['BucketName'],
      create: ({ properties }) => ({ physicalId: properties.BucketName }),
      update: (_request, existing) => existing,
      delete: () => undefined,
    },
  };

  override remaining(): string[] {
    return [];
  }
}

export type Define = (stack: Stack, app: App) => void;

// The CDK's own validator would report on the console what the tests get wrong on purpose.
process.env.CDK_VALIDATION = 'false';

/** Synthesizes an app; its stacks need no bootstrapped account unless their props say so. */
export function synth(define: Define, props: StackProps = {}): string {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'twin-test-')), analyticsReporting: false });
  define(new Stack(app, 'Test', { synthesizer: new BootstraplessSynthesizer(), ...props }), app);
  return app.synth().directory;
}

export function thing(stack: Stack, id: string, properties: Record<string, unknown> = {}): CfnResource {
  const resource = new CfnResource(stack, id, { type: 'Test::Fake::Thing', properties });
  resource.overrideLogicalId(id);
  return resource;
}

const twins: Twin[] = [];

/** A twin with the fake service; ended by `stopTwins`. */
export async function fakeTwin(directory: string, options: TwinOptions = {}): Promise<{ twin: Twin; fake: FakeService; s3: FakeS3 }> {
  const fake = new FakeService();
  const s3 = new FakeS3();
  const twin = await Twin.fromAssembly(directory, { authorization: 'off', services: () => [fake, s3], ...options });
  twins.push(twin);
  return { twin, fake, s3 };
}

export async function stopTwins(): Promise<void> {
  for (const twin of twins.splice(0)) await twin.stop();
}
