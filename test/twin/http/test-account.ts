import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Clock } from '../../../twin/clock';
import { ALLOW_ALL, CallPipeline, Credentials, HttpFront, IamSimulation, type FaultPlan, type NamedPolicy, type RolePolicies } from '../../../twin/http';
import { Random } from '../../../twin/random';
import type { PolicyDocument, Principal, ResourceProvider, ResourceRequest, Service } from '../../../twin/service';
import type { AwsEvent, CallRecord, CallRequest, World } from '../../../twin/world';

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';

/** Roles without CloudFormation: just what authorisation asks for. */
class Roles implements Service {
  readonly name = 'iam';
  readonly operations = {};
  readonly resources = {};
  private readonly roles = new Map<string, RolePolicies & { trust?: PolicyDocument }>();
  private version = 0;

  put(name: string, statements: unknown[], options: { boundary?: unknown[]; trust?: PolicyDocument } = {}): Principal {
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
    const boundary: NamedPolicy | undefined = options.boundary && { name: 'boundary', policy: { Version: '2012-10-17', Statement: options.boundary } };
    this.roles.set(roleArn, {
      version: ++this.version, permissionsBoundary: boundary, trust: options.trust,
      identityPolicies: statements.length === 0 ? [] : [{ name: 'inline', policy: { Version: '2012-10-17', Statement: statements } }],
    });
    return { kind: 'role', roleArn, sessionName: 'test' };
  }

  rolePolicies(roleArn: string): RolePolicies | undefined {
    return this.roles.get(roleArn);
  }

  trustPolicy(roleArn: string): PolicyDocument | undefined {
    return this.roles.get(roleArn)?.trust;
  }

  remaining(): string[] {
    return [];
  }
}

export interface TestAccountOptions {
  readonly services?: (world: World) => Service[];
  readonly authorization?: 'off';
  readonly faults?: FaultPlan;
}

/** A front door with a few services behind it, and a client configuration for the real SDK. */
export class TestAccount {
  readonly clock = new Clock(new Date('2026-03-01T10:00:00Z'));
  readonly record: CallRecord[] = [];
  readonly events: AwsEvent[] = [];
  readonly roles = new Roles();
  readonly world: World;
  readonly front: HttpFront;
  private readonly services: Map<string, Service>;

  static async start(options: TestAccountOptions = {}): Promise<TestAccount> {
    const account = new TestAccount(options);
    if (options.authorization !== 'off') {
      account.authorizer = await IamSimulation.load({
        policies: account.roles, clock: account.clock, account: ACCOUNT, region: REGION, partition: 'aws',
      });
    }
    await account.front.listen();
    return account;
  }

  private authorizer: Pick<typeof ALLOW_ALL, 'decide'> = ALLOW_ALL;

  private constructor(options: TestAccountOptions) {
    const credentials = new Credentials(ACCOUNT);
    const workDir = mkdtempSync(join(tmpdir(), 'twin-test-'));
    const world: World = {
      clock: this.clock, random: new Random(7), account: ACCOUNT, region: REGION, partition: 'aws', workDir, record: this.record,
      endpoint: '',
      call: (request) => pipeline.call(request),
      service: <S extends Service>(name: string) => {
        const service = this.services.get(name);
        if (service === undefined) throw new Error(`no service ${name} in this test`);
        return service as S;
      },
      publish: (event) => { this.events.push(event); },
      arn: (service, resource, region = REGION, account = ACCOUNT) => `arn:aws:${service}:${region}:${account}:${resource}`,
      credentialsFor: (principal) => credentials.of(principal),
    };
    this.services = new Map([this.roles, ...(options.services?.(world) ?? [])].map((service) => [service.name, service]));
    const pipeline = new CallPipeline({
      world, clock: this.clock, record: this.record, faults: options.faults, service: (name) => this.services.get(name),
      authorizer: { decide: (...request) => this.authorizer.decide(...request) },
    });
    this.world = world;
    this.front = new HttpFront({ clock: this.clock, region: REGION, credentials, pipeline });
  }

  /** Configuration of an SDK client that calls as `principal`. */
  client(principal: Principal = { kind: 'administrator' }) {
    return { endpoint: this.front.endpoint, region: REGION, credentials: this.world.credentialsFor(principal), maxAttempts: 1 };
  }

  call<T = any>(request: Omit<CallRequest, 'caller'> & { caller?: Principal }): Promise<T> { // eslint-disable-line @typescript-eslint/no-explicit-any
    return this.world.call({ ...request, caller: request.caller ?? { kind: 'administrator' } });
  }

  /** Creates a resource as CloudFormation would. */
  async create(type: string, properties: Record<string, unknown>, logicalId = 'Thing') {
    const provider = this.provider(type);
    const unknown = Object.keys(properties).filter((name) => !provider.properties.includes(name));
    if (unknown.length > 0) throw new Error(`${type}: unknown ${unknown.join(', ')}`);
    return provider.create(this.request(type, properties, logicalId));
  }

  provider(type: string): ResourceProvider {
    const provider = [...this.services.values()].map((service) => service.resources[type]).find((found) => found !== undefined);
    if (provider === undefined) throw new Error(`no provider for ${type}`);
    return provider;
  }

  request(type: string, properties: Record<string, unknown>, logicalId = 'Thing'): ResourceRequest {
    return {
      world: this.world, type, logicalId, stackName: 'Stack', stackId: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Stack/1`, properties,
      generateName: (max = 63, lower = false) => {
        const name = `Stack-${logicalId}-ABCDEF`.slice(0, max);
        return lower ? name.toLowerCase() : name;
      },
    };
  }

  async stop(): Promise<void> {
    for (const service of this.services.values()) await service.stop?.();
    await this.front.close();
    rmSync(this.world.workDir, { recursive: true, force: true });
  }
}
