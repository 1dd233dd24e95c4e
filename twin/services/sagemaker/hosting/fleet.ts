import { CannotStartError } from '../../../jobs/container';
import { AwsError } from '../../../service';
import { World } from '../../../world';
import { DataCapture } from './data-capture';
import { executionRole } from '../jobs/execution-role';
import { DataCaptureSettings, EndpointConfig, HostingState, Model, VariantSettings } from './state';
import { ServerLease, ModelServers } from './server-pool';
import { InstanceMetrics } from './instance-metrics';
import { VariantMetrics } from './variant-metrics';
import { volumeKeyProblem } from '../volume-key';

/** One production variant of a fleet: its instances, its share of the fleet's traffic, the container that answers. */
export interface FleetVariant {
  readonly settings: VariantSettings;
  readonly name: string;
  readonly model: Model;
  /** Of its first instance, by which its log stream is named. */
  readonly instanceId: string;
  readonly metrics: VariantMetrics;
  readonly instances: InstanceMetrics;
  currentWeight: number;
  desiredWeight: number;
  currentInstanceCount: number;
  desiredInstanceCount: number;
  server?: ServerLease;
  readonly capture?: DataCapture;
}

/** Why a fleet does not come up. */
export class FleetFailure extends Error {
  constructor(message: string, /** Virtual seconds until SageMaker gives up on it. */ readonly afterSeconds: number) {
    super(message);
  }
}

/** Without a time of its own, a container is given this many seconds to answer its ping. */
const HEALTH_CHECK_SECONDS = 600;

/** The instances that serve one endpoint configuration on one endpoint. */
export class Fleet {
  readonly variants: readonly FleetVariant[];
  readonly captureSettings?: DataCaptureSettings;
  readonly createdAt: Date;
  removedAt?: Date;
  /** The part of the endpoint's traffic that goes here, 0 to 1. */
  share = 0;
  /** What was asked of it and how often it failed, for reports. */
  requests = 0;
  errors = 0;
  firstErrorAt?: Date;
  rolledBackAt?: Date;

  constructor(private readonly world: World, state: HostingState, readonly endpointName: string, readonly config: EndpointConfig, retained?: Fleet, retain?: Retained) {
    this.createdAt = world.clock.date();
    this.captureSettings = retain?.dataCapture ? retained?.captureSettings : config.capture;
    const captured = this.captureSettings?.EnableCapture ? this.captureSettings : undefined;
    this.variants = config.variants.map((settings): FleetVariant => {
      const before = retained?.variants.find(({ name }) => name === settings.VariantName);
      const count = (retain?.instanceCount ? before?.desiredInstanceCount : undefined) ?? settings.InitialInstanceCount;
      const weight = (retain?.weight ? before?.desiredWeight : undefined) ?? settings.InitialVariantWeight ?? 1;
      const model = state.models.get(settings.ModelName);
      return {
        settings, name: settings.VariantName, model,
        instanceId: `i-${world.random.text(17, '0123456789abcdef')}`,
        capture: captured && new DataCapture(world, captured, executionRole(model.roleArn), endpointName, settings.VariantName),
        metrics: new VariantMetrics(world, endpointName, settings.VariantName, config.name),
        instances: new InstanceMetrics(world, endpointName, settings.VariantName, settings.InstanceType),
        currentWeight: weight, desiredWeight: weight, currentInstanceCount: 0, desiredInstanceCount: count,
      };
    });
  }

  /** Whether deployment guardrails leave it out (developer guide, "Exclusions"). */
  get isExcluded(): boolean {
    return this.variants.some(({ settings, model }) => settings.InstanceType.startsWith('ml.inf1.') || model.container.ProductId !== undefined);
  }

  get instances(): number {
    return this.variants.reduce((sum, { desiredInstanceCount }) => sum + desiredInstanceCount, 0);
  }

  /** Starts the containers; rejects with FleetFailure. */
  async start(servers: ModelServers, onLine: (variant: string, line: string) => void): Promise<void> {
    for (const variant of this.variants) {
      try {
        await this.lendVolumeKey(variant);
        variant.server = await servers.acquire(variant.model, variant.settings.InstanceType, (line) => onLine(variant.name, line));
      } catch (error) {
        await this.stop();
        throw failureOf(variant, error as Error);
      }
      variant.currentInstanceCount = variant.desiredInstanceCount;
      variant.instances.start(() => variant.currentInstanceCount);
    }
  }

  /** Replaces every instance by a new one; rejects with FleetFailure, and keeps those there are. */
  async renew(servers: ModelServers): Promise<void> {
    for (const variant of this.variants) await this.newInstances(servers, variant);
  }

  /** Brings every variant to the number of instances it is to have; rejects with FleetFailure, and keeps those there are. */
  async resize(servers: ModelServers): Promise<void> {
    try {
      for (const variant of this.variants) if (variant.desiredInstanceCount > variant.currentInstanceCount) await this.newInstances(servers, variant);
    } catch (error) {
      for (const variant of this.variants) variant.desiredInstanceCount = variant.currentInstanceCount;
      throw error;
    }
    for (const variant of this.variants) variant.currentInstanceCount = variant.desiredInstanceCount;
  }

  /** Volumes under the config's key, image and artifact: all by what the model's role may do now. */
  private async newInstances(servers: ModelServers, variant: FleetVariant): Promise<void> {
    try {
      await this.lendVolumeKey(variant);
      await servers.provision(variant.model);
    } catch (error) {
      throw failureOf(variant, error as Error);
    }
  }

  private async lendVolumeKey({ model }: FleetVariant): Promise<void> {
    const problem = await volumeKeyProblem(this.world, model.roleArn, this.config.settings.KmsKeyId);
    if (problem !== undefined) throw new FleetFailure(problem, 0);
  }

  async stop(): Promise<void> {
    this.share = 0;
    this.removedAt ??= this.world.clock.date();
    for (const variant of this.variants) {
      variant.instances.stop();
      await variant.server?.release();
      await variant.capture?.flush();
      variant.server = undefined;
      variant.currentInstanceCount = 0;
    }
  }

  /** A variant by name, or one drawn by weight. */
  variant(name: string | undefined): FleetVariant | undefined {
    if (name !== undefined) return this.variants.find((variant) => variant.name === name);
    if (this.variants.length === 1) return this.variants[0];
    const total = this.variants.reduce((sum, { currentWeight }) => sum + currentWeight, 0);
    let point = this.world.random.next() * total;
    return this.variants.find(({ currentWeight }) => (point -= currentWeight) < 0) ?? this.variants[this.variants.length - 1];
  }
}

/** What an update keeps of the running fleet. */
export interface Retained {
  readonly instanceCount: boolean;
  readonly weight: boolean;
  readonly dataCapture: boolean;
}

function failureOf({ name, settings, model }: FleetVariant, error: Error): FleetFailure {
  if (error instanceof FleetFailure) return error;
  if (error instanceof AwsError) {
    return new FleetFailure(`Unable to provide the image or the model data of variant ${name} to the role ${model.roleArn}: ${error.message}`, 60);
  }
  if (!(error instanceof CannotStartError)) throw error;
  return new FleetFailure(
    `The primary container for production variant ${name} did not pass the ping health check. Please check CloudWatch logs for this endpoint.`,
    settings.ContainerStartupHealthCheckTimeoutInSeconds ?? HEALTH_CHECK_SECONDS,
  );
}
