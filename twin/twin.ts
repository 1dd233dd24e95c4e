import { mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Clock } from './clock';
import { millisecondsOf, type DurationInput } from './duration';
import { ALLOW_ALL, CallPipeline, Credentials, HttpFront, IamSimulation, ShortPages, type Authorizer, type FaultPlan, type PagePlan, type Witness } from './http';
import { Random } from './random';
import type { Principal, Service } from './service';
import { createServices } from './services';
import { RESPONSE_PATH, type CloudFormationService, type Stack } from './services/cloudformation';
import { LAYER_PATH, type EcrService } from './services/ecr';
import type { IamService } from './services/iam';
import type { LambdaService } from './services/lambda';
import { ASSETS_KEY, BOOTSTRAP_STACK, bootstrapTemplate, publishAssets, readAssembly, type Assembly, type StackArtifact } from './template';
import type { AwsEvent, CallRecord, CallRequest, World } from './world';

export interface TwinOptions {
  /** Same seed, same run. @default 1 */
  readonly seed?: number;
  /** @default 2026-01-01T00:00:00Z */
  readonly startTime?: Date;
  /** `off`, or who decides. @default - IAM policies are evaluated by `@cloud-copilot/iam-simulate`, which has to be installed */
  readonly authorization?: 'off' | Authorizer;
  /** What goes wrong on the way of a call. @default - nothing */
  readonly faults?: FaultPlan;
  /** @default '123456789012' */
  readonly account?: string;
  /** @default 'us-east-1' */
  readonly region?: string;
  /** How much of a listing comes at a time. @default - at times less than was asked for, as AWS may do; `FULL_PAGES` for never */
  readonly pages?: PagePlan;
  /** Sees every call with its answer. @default - nobody */
  readonly witness?: Witness;
  /** Port of the HTTP front. @default - any that is free */
  readonly port?: number;
  /** Services beside or, by the same name, instead of the twin's own. @default - none */
  readonly services?: (world: World) => readonly Service[];
}

export interface DeployOptions {
  /** Values for template parameters, by stack name, `CDKToolkit` for the bootstrap stack. @default - defaults of the templates */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Outputs by stack name and output key. */
export type StackOutputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** No stack operation takes longer; if one does, something waits for what never comes. */
const MAX_OPERATION = { days: 7 };

/** An AWS account on this machine that runs a synthesized cloud assembly, on a virtual clock. */
export class Twin implements World {
  /** An account that runs the assembly in `directory`, once `deploy` is called. */
  static async fromAssembly(directory: string, options: TwinOptions = {}): Promise<Twin> {
    return Twin.launch(readAssembly(directory), options);
  }

  /** An empty account, not even bootstrapped. Clients and the CDK command line deploy into it through `endpoint`. */
  static async start(options: TwinOptions = {}): Promise<Twin> {
    return Twin.launch(undefined, options);
  }

  private static async launch(assembly: Assembly | undefined, options: TwinOptions): Promise<Twin> {
    const twin = new Twin(assembly, options);
    try {
      await twin.front.listen(options.port);
      if (options.authorization === undefined) twin.authorizer = await IamSimulation.load({ ...twin.identity(), policies: twin.service<IamService>('iam') });
      else if (options.authorization !== 'off') twin.authorizer = options.authorization;
      return twin;
    } catch (error) {
      await twin.stop();
      throw error;
    }
  }

  readonly clock: Clock;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
  readonly partition = 'aws';
  readonly workDir: string;
  readonly record: CallRecord[] = [];
  /** Mount plain paths here, for whoever has to be reached over HTTP without being an AWS API. */
  readonly front: HttpFront;
  private readonly credentials: Credentials;
  private readonly pipeline: CallPipeline;
  private readonly services: ReadonlyMap<string, Service>;
  private authorizer: Authorizer = ALLOW_ALL;
  private readonly qualifiers = new Set<string>();

  private constructor(private assembly: Assembly | undefined, options: TwinOptions) {
    this.clock = new Clock(options.startTime ?? new Date('2026-01-01T00:00:00Z'));
    this.random = new Random(options.seed ?? 1);
    this.account = options.account ?? '123456789012';
    this.region = options.region ?? 'us-east-1';
    this.credentials = new Credentials(this.account);
    this.workDir = mkdtempSync(join(tmpdir(), 'cdk-mlops-twin-'));
    this.pipeline = new CallPipeline({
      world: this, clock: this.clock, record: this.record, faults: options.faults, witness: options.witness,
      pages: options.pages ?? new ShortPages(options.seed ?? 1),
      service: (name) => this.services.get(name),
      authorizer: { decide: (principal, request, time) => this.authorizer.decide(principal, request, time) },
    });
    this.front = new HttpFront({
      clock: this.clock, region: this.region, credentials: this.credentials, pipeline: this.pipeline,
      taggedCalls: () => this.service<LambdaService>('lambda'),
    });

    const services = [...createServices(this), ...options.services?.(this) ?? []];
    this.services = new Map(services.map((service) => [service.name, service]));
    this.cloudFormation.connect([...this.services.values()]);
    this.front.mount(RESPONSE_PATH, ({ path, body }) => {
      const known = this.cloudFormation.respond(path.slice(RESPONSE_PATH.length), body.toString());
      return { status: known ? 200 : 403, headers: {}, body: '' };
    });
    this.front.mount(LAYER_PATH, ({ path }) => {
      const layer = this.service<EcrService>('ecr').download(path.slice(LAYER_PATH.length));
      return { status: layer === undefined ? 403 : 200, headers: {}, body: layer ?? '' };
    });
  }

  /** What `cdk deploy --all` does: publishes the assets, then creates or updates every stack. Returns the stacks' outputs. */
  async deploy({ parameters = {} }: DeployOptions = {}): Promise<StackOutputs> {
    return this.drive('deploy', async () => {
      const outputs: Record<string, Record<string, string>> = {};
      for (const artifact of this.deployed().stacks) {
        const stack = await this.deployStack(artifact, parameters);
        outputs[stack.stackName] = Object.fromEntries([...stack.outputs].map(([key, { value }]) => [key, value]));
      }
      return outputs;
    });
  }

  /** Deploys a changed assembly over the one that runs. */
  async update(directory: string, options?: DeployOptions): Promise<StackOutputs> {
    this.assembly = readAssembly(directory);
    return this.deploy(options);
  }

  /** What `cdk destroy --all` does. */
  async destroy(): Promise<void> {
    await this.drive('destroy', async () => {
      for (const { stackName } of [...this.deployed().stacks].reverse()) await this.cloudFormation.destroy(stackName);
    });
  }

  /** ARNs of everything in the account, what `cdk bootstrap` put there left out. */
  remaining(): string[] {
    const bootstrap = this.bootstrapArns();
    return [...this.services.values()].flatMap((service) => service.remaining())
      .filter((arn) => !bootstrap.some((own) => arn === own || arn.startsWith(`${own}/`)));
  }

  async advance(duration: DurationInput): Promise<void> {
    await this.clock.advance(millisecondsOf(duration));
  }

  /** Ends servers and child processes and removes the twin's files. */
  async stop(): Promise<void> {
    for (const service of this.services.values()) await service.stop?.();
    await this.front.close();
    rmSync(this.workDir, { recursive: true, force: true });
  }

  get endpoint(): string {
    return this.front.endpoint;
  }

  get cloudFormation(): CloudFormationService {
    return this.service<CloudFormationService>('cloudformation');
  }

  call(request: CallRequest): Promise<any> { // eslint-disable-line @typescript-eslint/no-explicit-any
    return this.pipeline.call(request);
  }

  service<S extends Service>(name: string): S {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`the twin has no service ${JSON.stringify(name)}; it has ${[...this.services.keys()].sort().join(', ')}`);
    return service as S;
  }

  publish(event: AwsEvent): void {
    this.service<Service & { publish(event: AwsEvent): void }>('events').publish(event);
  }

  arn(service: string, resource: string, region = this.region, account = this.account): string {
    return `arn:${this.partition}:${service}:${region}:${account}:${resource}`;
  }

  credentialsFor(principal: Principal): ReturnType<World['credentialsFor']> {
    return this.credentials.of(principal);
  }

  private deployed(): Assembly {
    if (this.assembly === undefined) throw new Error('the twin was started without an assembly; start it with Twin.fromAssembly, or call update(directory)');
    return this.assembly;
  }

  private async deployStack(artifact: StackArtifact, parameters: NonNullable<DeployOptions['parameters']>): Promise<Stack> {
    if (artifact.bootstrapQualifier !== undefined) await this.bootstrap(artifact.bootstrapQualifier, parameters);
    await publishAssets(this, artifact.assets);
    const { stackName, template, tags } = artifact;
    return this.cloudFormation.deploy({ stackName, template, tags, parameters: { ...artifact.parameters, ...parameters[stackName] } });
  }

  private async bootstrap(qualifier: string, parameters: NonNullable<DeployOptions['parameters']>): Promise<void> {
    if (this.qualifiers.has(qualifier)) return;
    this.qualifiers.add(qualifier);
    const stackName = bootstrapStack(qualifier);
    await this.cloudFormation.deploy({ stackName, template: bootstrapTemplate(qualifier), tags: {}, parameters: parameters[stackName] ?? {} });
  }

  private bootstrapArns(): string[] {
    return [...this.qualifiers].flatMap((qualifier) => {
      const stack = this.cloudFormation.stacks.find(bootstrapStack(qualifier));
      return [
        stack?.stackId ?? [],
        stack?.resources.get(ASSETS_KEY)?.handle?.attributes?.['Arn'] ?? [],
        this.arn('s3', `cdk-${qualifier}-assets-${this.account}-${this.region}`, '', ''),
        this.arn('ssm', `parameter/cdk-bootstrap/${qualifier}/version`),
      ].flat();
    });
  }

  /** Runs work that waits in virtual time, advancing the clock until it is done. */
  private async drive<T>(label: string, work: () => Promise<T>): Promise<T> {
    let done = false;
    const running = work().finally(() => { done = true; });
    running.catch(() => undefined); // awaited below, but only after the clock has moved
    if (!(await this.clock.advanceUntil(() => done, millisecondsOf(MAX_OPERATION)))) {
      throw new Error(`${label} waits for something that never happens`);
    }
    return running;
  }

  private identity(): { clock: Clock; account: string; region: string; partition: string } {
    return { clock: this.clock, account: this.account, region: this.region, partition: this.partition };
  }
}

/** The command line's default qualifier gives the toolkit's well-known name. */
function bootstrapStack(qualifier: string): string {
  return qualifier === 'hnb659fds' ? BOOTSTRAP_STACK : `${BOOTSTRAP_STACK}-${qualifier}`;
}
