import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../../../twin/clock';
import { ALLOW_ALL, CallPipeline, type Authorizer } from '../../../twin/http';
import { Random } from '../../../twin/random';
import { AwsError } from '../../../twin/service';
import type { Operation, Service } from '../../../twin/service';
import type { AwsEvent, CallRecord, CallRequest, World } from '../../../twin/world';
import { EcrService } from '../../../twin/services/ecr';

/** A world with ECR, and the least of S3, logs and STS that jobs and builds need. */
export class TestWorld implements World {
  readonly clock = new Clock(new Date('2001-02-01T00:00:00Z'));
  readonly random = new Random(1);
  readonly account = '123456789012';
  readonly region = 'us-east-1';
  readonly partition = 'aws';
  readonly endpoint = 'http://localhost:1';
  readonly workDir = mkdtempSync(join(tmpdir(), 'twin-test-'));
  readonly record: CallRecord[] = [];
  readonly events: AwsEvent[] = [];
  readonly objects = new Map<string, Buffer>();
  readonly logs = new Map<string, string[]>();
  authorizer: Authorizer = ALLOW_ALL;
  private readonly services: ReadonlyMap<string, Service>;
  private readonly pipeline: CallPipeline;

  constructor(make: (world: World) => Service[] = () => []) {
    this.pipeline = new CallPipeline({
      world: this, clock: this.clock, record: this.record, service: (name) => this.services.get(name),
      authorizer: { decide: (principal, request, time) => this.authorizer.decide(principal, request, time) },
    });
    const services = [new EcrService(this), this.s3(), this.logsService(), fake('sts', { AssumeRole: () => ({}) }), ...make(this)];
    this.services = new Map(services.map((service) => [service.name, service]));
  }

  call(request: CallRequest): Promise<any> { // eslint-disable-line @typescript-eslint/no-explicit-any
    return this.pipeline.call(request);
  }

  service<S extends Service>(name: string): S {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`the test world has no service ${name}`);
    return service as S;
  }

  publish(event: AwsEvent): void {
    this.events.push(event);
  }

  arn(service: string, resource: string, region = this.region, account = this.account): string {
    return `arn:aws:${service}:${region}:${account}:${resource}`;
  }

  credentialsFor() {
    return { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' };
  }

  /** Refuses these actions to everybody. */
  deny(...actions: string[]): void {
    this.authorizer = { decide: (_, { action }) => ({ allowed: !actions.includes(action), reason: `because no identity-based policy allows the ${action} action` }) };
  }

  remove(): void {
    rmSync(this.workDir, { recursive: true, force: true });
  }

  private s3(): Service {
    return fake('s3', {
      PutObject: ({ Bucket, Key, Body }) => { this.objects.set(`${Bucket}/${Key}`, Buffer.from(Body)); },
      GetObject: ({ Bucket, Key }) => {
        const body = this.objects.get(`${Bucket}/${Key}`);
        if (body === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
        return { Body: body };
      },
      HeadObject: () => ({}),
      ListObjectsV2: ({ Bucket, Prefix = '' }) => ({
        Contents: [...this.objects.keys()].filter((key) => key.startsWith(`${Bucket}/${Prefix}`)).sort().map((key) => ({ Key: key.slice(Bucket.length + 1) })),
      }),
    });
  }

  private logsService(): Service {
    const groups = new Set<string>();
    return fake('logs', {
      CreateLogGroup: ({ logGroupName }) => { groups.add(logGroupName); },
      CreateLogStream: ({ logGroupName, logStreamName }) => {
        if (!groups.has(logGroupName)) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
        this.logs.set(`${logGroupName}/${logStreamName}`, []);
      },
      PutLogEvents: ({ logGroupName, logStreamName, logEvents }) => {
        this.logs.get(`${logGroupName}/${logStreamName}`)!.push(...logEvents.map(({ message }: { message: string }) => message));
      },
    });
  }
}

function fake(name: string, operations: Record<string, Operation['run']>): Service {
  return {
    name, resources: {}, remaining: () => [],
    operations: Object.fromEntries(Object.entries(operations).map(([operation, run]) => [operation, {
      authorize: () => [{ action: `${name}:${operation}`, resource: '*' }], run,
    }])),
  };
}
