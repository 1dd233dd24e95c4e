import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../../../twin/clock';
import { ALLOW_ALL, CallPipeline, Credentials, HttpFront, type Authorizer, type FaultPlan } from '../../../twin/http';
import { Random } from '../../../twin/random';
import { ADMINISTRATOR, type Principal, type ResourceHandle, type ResourceRequest, type Service } from '../../../twin/service';
import { CloudWatchService } from '../../../twin/services/cloudwatch';
import { LambdaService } from '../../../twin/services/lambda';
import type { AwsEvent, CallRecord, CallRequest, World } from '../../../twin/world';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of many services */

export const START = new Date('2026-02-01T08:00:00Z');

/** A world of a few real services behind the real front: what the twin is, without templates. */
export class SmallWorld implements World {
  readonly clock = new Clock(START);
  readonly random = new Random(1);
  readonly account = '123456789012';
  readonly region = 'eu-west-1';
  readonly partition = 'aws';
  readonly workDir = mkdtempSync(join(tmpdir(), 'small-world-'));
  readonly record: CallRecord[] = [];
  readonly events: AwsEvent[] = [];
  private readonly credentials = new Credentials('123456789012');
  private readonly services = new Map<string, Service>();
  private readonly pipeline: CallPipeline;
  private readonly front: HttpFront;

  constructor({ authorizer = ALLOW_ALL, faults }: { authorizer?: Authorizer; faults?: FaultPlan } = {}) {
    this.pipeline = new CallPipeline({ world: this, clock: this.clock, record: this.record, faults, authorizer, service: (name) => this.services.get(name) });
    this.front = new HttpFront({
      clock: this.clock, region: this.region, credentials: this.credentials, pipeline: this.pipeline, taggedCalls: () => this.service<LambdaService>('lambda'),
    });
    this.add({ name: 'iam', operations: {}, resources: {}, remaining: () => [], rolePolicies: () => undefined } as Service);
    this.add(new CloudWatchService(this));
    this.add({ name: 'sts', operations: { AssumeRole: { authorize: () => [], run: () => ({}) } }, resources: {}, remaining: () => [] });
  }

  async open(): Promise<this> {
    await this.front.listen();
    return this;
  }

  async close(): Promise<void> {
    for (const service of this.services.values()) await service.stop?.();
    await this.front.close();
    rmSync(this.workDir, { recursive: true, force: true });
  }

  add<S extends Service>(service: S): S {
    this.services.set(service.name, service);
    return service;
  }

  get endpoint(): string {
    return this.front.endpoint;
  }

  call(request: CallRequest): Promise<any> {
    return this.pipeline.call(request);
  }

  /** A call whose effect may take virtual time: the clock moves until it has ended. */
  async eventually<T = any>(work: Promise<T> | CallRequest, limit = 24 * 3_600_000): Promise<T> {
    let done = false;
    const promise = (work instanceof Promise ? work : this.call(work)).finally(() => { done = true; });
    promise.catch(() => undefined);
    if (!(await this.clock.advanceUntil(() => done, limit))) throw new Error(`not done after ${limit} ms`);
    return promise;
  }

  as(service: string, operation: string, input: object, caller: Principal = ADMINISTRATOR): CallRequest {
    return { service, operation, input, caller };
  }

  called(service: string, operation: string): CallRecord[] {
    return this.record.filter((call) => call.service === service && call.operation === operation);
  }

  service<S extends Service>(name: string): S {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`this small world has no ${name}`);
    return service as S;
  }

  publish(event: AwsEvent): void {
    this.events.push(event);
    (this.services.get('events') as any)?.publish(event);
  }

  arn(service: string, resource: string, region = this.region, account = this.account): string {
    return `arn:aws:${service}:${region}:${account}:${resource}`;
  }

  credentialsFor(principal: Principal): ReturnType<World['credentialsFor']> {
    return this.credentials.of(principal);
  }

  async create(type: string, logicalId: string, properties: Record<string, any>): Promise<ResourceHandle> {
    return this.provider(type).create(this.request(type, logicalId, properties));
  }

  async update(type: string, logicalId: string, properties: Record<string, any>, existing: ResourceHandle): Promise<ResourceHandle> {
    return this.provider(type).update(this.request(type, logicalId, properties), existing, {});
  }

  async remove(type: string, logicalId: string, existing: ResourceHandle, properties: Record<string, any> = {}): Promise<void> {
    await this.provider(type).delete(this.request(type, logicalId, properties), existing);
  }

  /** A Node.js function of one file of source text. */
  async function(name: string, source: string, properties: Record<string, any> = {}): Promise<string> {
    const handle = await this.create('AWS::Lambda::Function', name, {
      FunctionName: name, Code: { ZipFile: source }, Handler: 'index.handler', Runtime: 'nodejs24.x', Timeout: 30, Role: this.role(name), ...properties,
    });
    return handle.attributes!.Arn as string;
  }

  role(name: string): string {
    return this.arn('iam', `role/${name}`, '');
  }

  private provider(type: string) {
    const provider = [...this.services.values()].map(({ resources }) => resources[type]).find((one) => one !== undefined);
    if (provider === undefined) throw new Error(`this small world has no ${type}`);
    return provider;
  }

  private request(type: string, logicalId: string, properties: Record<string, any>): ResourceRequest {
    const unknown = Object.keys(properties).filter((name) => !this.provider(type).properties.includes(name));
    if (unknown.length > 0) throw new Error(`${type} does not implement ${unknown.join(', ')}`);
    const generateName = (max = 255) => `stack-${logicalId}-${this.random.text(8)}`.slice(0, max);
    return { world: this, type, logicalId, stackName: 'stack', stackId: 'stack-id', properties, generateName };
  }
}
