import { Clock } from '../../../../twin/clock';
import { Random } from '../../../../twin/random';
import { AwsError, Principal, Service } from '../../../../twin/service';
import { AwsEvent, CallRequest, World } from '../../../../twin/world';

/** A world without HTTP or authorisation: operations of the services given to it, stubs for the rest. */
export class FakeWorld implements World {
  readonly clock: Clock;
  readonly random = new Random(1);
  readonly account = '123456789012';
  readonly region = 'us-east-1';
  readonly partition = 'aws';
  workDir = '/nonexistent';
  readonly record: World['record'] = [];
  readonly endpoint = 'http://localhost:0';
  readonly events: AwsEvent[] = [];
  readonly calls: CallRequest[] = [];
  /** Operations of services that are not there: `sns:Publish`. */
  readonly stubs: Record<string, (input: any, caller: Principal) => unknown> = {}; // eslint-disable-line @typescript-eslint/no-explicit-any
  private readonly services = new Map<string, Service>();

  constructor(start = '2026-01-01T00:00:00Z') {
    this.clock = new Clock(new Date(start));
  }

  add<S extends Service>(service: S): S {
    this.services.set(service.name, service);
    return service;
  }

  async call(request: CallRequest): Promise<any> { // eslint-disable-line @typescript-eslint/no-explicit-any
    this.calls.push(request);
    const stub = this.stubs[`${request.service}:${request.operation}`];
    if (stub) return stub(request.input, request.caller);
    const operation = this.services.get(request.service)?.operations[request.operation];
    if (!operation) throw new AwsError('NotImplemented', `${request.service}:${request.operation}`, 501);
    const call = { world: this, service: request.service, operation: request.operation, caller: request.caller };
    operation.authorize(request.input, call);
    return operation.run(request.input, call);
  }

  service<S extends Service>(name: string): S {
    const service = this.services.get(name);
    if (!service) throw new Error(`no service ${name} in this world`);
    return service as S;
  }

  publish(event: AwsEvent): void {
    this.events.push(event);
  }

  arn(service: string, resource: string, region = this.region, account = this.account): string {
    return `arn:${this.partition}:${service}:${region}:${account}:${resource}`;
  }

  credentialsFor(): { accessKeyId: string; secretAccessKey: string; sessionToken: string } {
    return { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' };
  }
}
