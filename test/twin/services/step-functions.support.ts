import { Clock } from '../../../twin/clock';
import { Random } from '../../../twin/random';
import { AwsError, type Operation, type Principal, type ResourceHandle, type ResourceRequest, type Service } from '../../../twin/service';
import type { AwsEvent, CallRecord, CallRequest, World } from '../../../twin/world';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of many services */
type Answer = (input: any, caller: Principal) => any;

export const START = new Date('2026-03-02T09:00:00Z');

/** A world of one or two real services; the others answer as the test says, and whatever is in `denied` is refused. */
export class FakeWorld implements World {
  readonly clock = new Clock(START);
  readonly random = new Random(1);
  readonly account = '111122223333';
  readonly region = 'eu-west-1';
  readonly partition = 'aws';
  readonly workDir = '/nowhere';
  readonly endpoint = 'http://localhost:0';
  readonly record: CallRecord[] = [];
  readonly events: AwsEvent[] = [];
  readonly denied = new Set<string>();
  readonly answers: Record<string, Answer> = { 'sts:AssumeRole': () => ({}) };
  private readonly services = new Map<string, Service>();

  add<S extends Service>(service: S): S {
    this.services.set(service.name, service);
    return service;
  }

  async call({ service, operation, input, caller }: CallRequest): Promise<any> {
    await Promise.resolve();
    const real: Operation | undefined = this.services.get(service)?.operations[operation];
    const authorized = real?.authorize(input, { world: this, service, operation, caller }) ?? [{ action: `${service}:${operation}`, resource: '*' }];
    const entry: CallRecord = { time: this.clock.now(), service, operation, caller, authorized };
    this.record.push(entry);
    const denied = authorized.find(({ action }) => this.denied.has(action));
    if (denied) throw new AwsError('AccessDeniedException', `not authorized to perform: ${denied.action}`, 403);
    if (real) return real.run(input, { world: this, service, operation, caller });
    const answer = this.answers[`${service}:${operation}`];
    if (answer === undefined) throw new Error(`the test has no answer for ${service}:${operation}`);
    return answer(input, caller);
  }

  called(service: string, operation: string): CallRecord[] {
    return this.record.filter((call) => call.service === service && call.operation === operation);
  }

  service<S extends Service>(name: string): S {
    return this.services.get(name) as S;
  }

  publish(event: AwsEvent): void {
    this.events.push(event);
  }

  arn(service: string, resource: string, region = this.region, account = this.account): string {
    return `arn:aws:${service}:${region}:${account}:${resource}`;
  }

  credentialsFor(principal: Principal): { accessKeyId: string; secretAccessKey: string; sessionToken: string } {
    return { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: JSON.stringify(principal) };
  }

  /** Creates a resource of the one service that has the type. */
  async create(type: string, logicalId: string, properties: Record<string, unknown>): Promise<ResourceHandle> {
    return this.provider(type).create(this.request(type, logicalId, properties));
  }

  async update(type: string, logicalId: string, properties: Record<string, unknown>, handle: ResourceHandle): Promise<ResourceHandle> {
    return this.provider(type).update(this.request(type, logicalId, properties), handle, {});
  }

  async delete(type: string, logicalId: string, handle: ResourceHandle): Promise<void> {
    await this.provider(type).delete(this.request(type, logicalId, {}), handle);
  }

  private provider(type: string) {
    return [...this.services.values()].map(({ resources }) => resources[type]).find((one) => one !== undefined)!;
  }

  private request(type: string, logicalId: string, properties: Record<string, unknown>): ResourceRequest {
    return { world: this, type, logicalId, stackName: 'test', stackId: 'test-id', properties, generateName: () => `test-${logicalId}` };
  }
}

/** What a function answers, as Lambda's Invoke gives it. */
export function functionAnswer(handler: (payload: any) => any): Answer {
  return ({ Payload }) => {
    try {
      return { StatusCode: 200, Payload: Buffer.from(JSON.stringify(handler(JSON.parse(Buffer.from(Payload).toString())) ?? null)) };
    } catch (error) {
      const { name, message } = error as Error;
      return { StatusCode: 200, FunctionError: 'Unhandled', Payload: Buffer.from(JSON.stringify({ errorType: name, errorMessage: message })) };
    }
  };
}

/** Answers of an S3 that holds these objects; what it writes in parts is there once it is complete. */
export function objectStore(objects: Map<string, Buffer>): Record<string, Answer> {
  const uploads = new Map<string, Buffer>();
  return {
    's3:GetObject': ({ Key }) => ({ Body: objects.get(Key) }),
    's3:CreateMultipartUpload': ({ Key }) => ({ UploadId: `upload of ${Key}` }),
    's3:UploadPart': ({ UploadId, Body }) => { uploads.set(UploadId, Body); return { ETag: '"e"' }; },
    's3:ListParts': () => ({ Parts: [{ PartNumber: 1, ETag: '"e"' }] }),
    's3:CompleteMultipartUpload': ({ Key, UploadId }) => { objects.set(Key, uploads.get(UploadId)!); return {}; },
    's3:AbortMultipartUpload': ({ UploadId }) => { uploads.delete(UploadId); return {}; },
  };
}
