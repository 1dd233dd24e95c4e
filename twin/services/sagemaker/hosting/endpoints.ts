import { AwsError, AuthorizationRequest } from '../../../service';
import { World } from '../../../world';
import { validation } from '../names';
import { TagStore, Tag } from '../tags';
import { deployFirst, DeploymentContext, deployUpdate } from './deployment';
import { DeploymentConfig, Endpoint } from './endpoint';
import { endpointChanged } from './endpoint-events';
import { Fleet, FleetFailure, Retained } from './fleet';
import { HostingState, VariantSettings } from './state';
import { checkDeploymentConfig } from './traffic-plan';

const SECOND = 1_000;
const SCALING = 120 * SECOND;
const DELETION = 60 * SECOND;

export interface EndpointUpdate {
  readonly EndpointName: string;
  readonly EndpointConfigName: string;
  readonly RetainAllVariantProperties?: boolean;
  readonly ExcludeRetainedVariantProperties?: ReadonlyArray<{ readonly VariantPropertyType: 'DesiredInstanceCount' | 'DesiredWeight' | 'DataCaptureConfig' }>;
  readonly DeploymentConfig?: DeploymentConfig;
  readonly RetainDeploymentConfig?: boolean;
}

export interface VariantTarget {
  readonly VariantName: string;
  readonly DesiredWeight?: number;
  readonly DesiredInstanceCount?: number;
  readonly ServerlessUpdateConfig?: unknown;
}

/** What the registry of scalable targets tells about an endpoint's variants. */
export interface ScalableTargets {
  variantsOf(endpointName: string): string[];
  forget(endpointName: string): void;
}

/** What can be done to endpoints, and what that sets going. */
export class Endpoints {
  constructor(
    private readonly world: World,
    private readonly state: HostingState,
    private readonly tags: TagStore,
    private readonly context: DeploymentContext,
    private readonly targets: () => ScalableTargets | undefined,
  ) {}

  create(input: { EndpointName: string; EndpointConfigName: string; DeploymentConfig?: DeploymentConfig; Tags?: readonly Tag[] }): Endpoint {
    const { EndpointName: name } = input;
    this.state.endpoints.checkNew(name);
    refuseRolling(input.DeploymentConfig);
    const config = this.config(input.EndpointConfigName);
    const now = this.world.clock.date();
    const endpoint: Endpoint = {
      name, arn: this.state.endpoints.arn(name), createdAt: now, modifiedAt: now, status: 'Creating', config, fleets: [], lastDeploymentConfig: input.DeploymentConfig,
    };
    const fleet = new Fleet(this.world, this.state, name, config);
    this.checkQuota(fleet);
    this.state.endpoints.add(endpoint);
    this.tags.set(endpoint.arn, input.Tags);
    this.world.clock.after(0, `sagemaker: create endpoint ${name}`, () => deployFirst(this.context, endpoint, fleet));
    return endpoint;
  }

  update(input: EndpointUpdate): Endpoint {
    const endpoint = this.changeable(input.EndpointName);
    const config = this.config(input.EndpointConfigName);
    // An endpoint whose own configuration was deleted cannot be updated any more.
    this.state.configs.get(endpoint.config.name);
    const live = endpoint.live;
    if (!live) throw validation(`Cannot update endpoint "${endpoint.arn}" in status ${endpoint.status}.`);
    this.checkScaled(endpoint, config.variants);
    const deploymentConfig = input.RetainDeploymentConfig ? endpoint.lastDeploymentConfig : input.DeploymentConfig;
    refuseRolling(deploymentConfig);
    const excluded = (input.ExcludeRetainedVariantProperties ?? []).map(({ VariantPropertyType }) => VariantPropertyType);
    if (excluded.length > 0 && !input.RetainAllVariantProperties) throw validation('ExcludeRetainedVariantProperties can be used with RetainAllVariantProperties only.');
    const keeps = (property: string) => input.RetainAllVariantProperties === true && !excluded.includes(property as never);
    const retained: Retained = { instanceCount: keeps('DesiredInstanceCount'), weight: keeps('DesiredWeight'), dataCapture: keeps('DataCaptureConfig') };
    const green = new Fleet(this.world, this.state, endpoint.name, config, live, retained);
    // Guardrails need the same variants on both sides, and leave some out; without them SageMaker goes all at once, without baking and without a word.
    const guarded = sameNames(live, green) && !live.isExcluded && !green.isExcluded ? deploymentConfig : undefined;
    checkDeploymentConfig(guarded, green.variants.map(({ desiredInstanceCount }) => desiredInstanceCount), green.variants.map(({ name }) => live.variant(name)?.desiredInstanceCount ?? 0));
    this.checkQuota(green);
    endpoint.lastDeploymentConfig = deploymentConfig;
    endpoint.status = 'Updating';
    endpoint.modifiedAt = this.world.clock.date();
    this.world.clock.after(0, `sagemaker: update endpoint ${endpoint.name}`, () => deployUpdate(this.context, endpoint, green, guarded));
    return endpoint;
  }

  /** Also what Application Auto Scaling does to scale a variant. */
  updateWeightsAndCapacities(name: string, targets: readonly VariantTarget[]): Endpoint {
    const endpoint = this.changeable(name);
    const live = endpoint.live;
    if (!live) throw validation(`Cannot update endpoint "${endpoint.arn}" in status ${endpoint.status}.`);
    for (const target of targets) {
      const variant = live.variant(target.VariantName);
      if (!variant) throw validation(`Could not find variant "${target.VariantName}" of endpoint "${endpoint.arn}".`);
      if (target.ServerlessUpdateConfig) throw new AwsError('NotImplemented', 'the twin does not implement ServerlessUpdateConfig', 501);
      variant.desiredWeight = target.DesiredWeight ?? variant.desiredWeight;
      variant.desiredInstanceCount = target.DesiredInstanceCount ?? variant.desiredInstanceCount;
    }
    endpoint.failureReason = undefined;
    this.enter(endpoint, 'Updating');
    this.world.clock.after(SCALING, `sagemaker: scale ${name}`, async () => {
      for (const variant of live.variants) variant.currentWeight = variant.desiredWeight;
      await this.settle(endpoint, live.resize(this.context.servers));
    });
    return endpoint;
  }

  delete(name: string): Endpoint {
    const endpoint = this.state.endpoints.get(name);
    if (endpoint.status === 'Deleting') return endpoint;
    this.refuseInProgress(endpoint);
    this.enter(endpoint, 'Deleting');
    this.targets()?.forget(endpoint.name);
    this.world.clock.after(DELETION, `sagemaker: delete endpoint ${name}`, async () => {
      // After a rollback that failed there are two.
      for (const fleet of endpoint.fleets) await fleet.stop();
      this.state.endpoints.delete(name);
      endpointChanged(this.world, endpoint, this.tags.asObject(endpoint.arn));
      this.tags.forget(endpoint.arn);
    });
    return endpoint;
  }

  /** SageMaker patches the endpoint by new instances; meanwhile it serves and cannot be changed. */
  patch(name: string, milliseconds: number): void {
    const endpoint = this.changeable(name);
    this.enter(endpoint, 'SystemUpdating');
    this.world.clock.after(milliseconds, `sagemaker: patch ${name}`, () => this.settle(endpoint, endpoint.live!.renew(this.context.servers)));
  }

  /** The endpoint cannot take requests any more, and does not come back by itself. */
  takeOutOfService(name: string): void {
    const endpoint = this.changeable(name);
    endpoint.failureReason = 'The instances of the endpoint are not available.';
    this.enter(endpoint, 'OutOfService');
  }

  /** Deleting an endpoint that scales takes its scaling away, which the caller must be allowed to do. */
  deletionNeeds(name: string): AuthorizationRequest[] {
    const scaled = this.targets()?.variantsOf(name) ?? [];
    return scaled.flatMap(() => ['DeleteScalingPolicy', 'DeregisterScalableTarget'].map((action) => ({
      action: `application-autoscaling:${action}`, resource: this.world.arn('application-autoscaling', 'scalable-target/*'),
      context: { 'application-autoscaling:service-namespace': 'sagemaker', 'application-autoscaling:scalable-dimension': 'sagemaker:variant:DesiredInstanceCount' },
    })));
  }

  private config(name: string) {
    const config = this.state.configs.get(name);
    if (this.world.clock.now() < config.createdAt.getTime() + this.context.conditions.consistencyDelay) {
      throw validation(`Could not find endpoint configuration "${config.arn}".`);
    }
    return config;
  }

  private changeable(name: string): Endpoint {
    const endpoint = this.state.endpoints.get(name);
    this.refuseInProgress(endpoint);
    if (endpoint.status === 'Failed') throw validation(`Cannot update endpoint "${endpoint.arn}" because it has failed; delete it and create a new one.`);
    if (endpoint.status !== 'InService') throw validation(`Cannot update endpoint "${endpoint.arn}" in status ${endpoint.status}.`);
    return endpoint;
  }

  private refuseInProgress(endpoint: Endpoint): void {
    if (['Creating', 'Updating', 'SystemUpdating', 'RollingBack', 'Deleting'].includes(endpoint.status)) {
      throw validation(`Cannot update in-progress endpoint "${endpoint.arn}".`);
    }
  }

  /** A new fleet counts beside all that run, the one that it is to replace included. */
  private checkQuota(fleet: Fleet): void {
    const running = this.state.endpoints.all().flatMap(({ fleets }) => fleets).filter(({ removedAt }) => removedAt === undefined);
    for (const type of new Set(fleet.variants.map(({ settings }) => settings.InstanceType))) {
      const limit = this.context.conditions.quotaOf(type);
      const [used, more] = [instancesOf(running, type), instancesOf([fleet], type)];
      if (used + more > limit) {
        throw new AwsError('ResourceLimitExceeded', `The account-level service limit '${type} for endpoint usage' is ${limit} Instances, with current utilization of ${used} Instances and a request delta of ${more} Instances. Please use AWS Service Quotas to request an increase for this quota.`);
      }
    }
  }

  /** A scalable target keeps its variant and that variant's instance type. */
  private checkScaled(endpoint: Endpoint, next: readonly VariantSettings[]): void {
    const held = (this.targets()?.variantsOf(endpoint.name) ?? []).filter((name) => {
      const before = endpoint.config.variants.find(({ VariantName }) => VariantName === name);
      const after = next.find(({ VariantName }) => VariantName === name);
      return before && before.InstanceType !== after?.InstanceType;
    });
    if (held.length > 0) {
      throw validation(`The variant(s) "${JSON.stringify(held)}" must be deregistered as scalable targets with AWS Auto Scaling before they can be removed or have their instance type updated.`);
    }
  }

  /** In service again, whether or not there were new instances to be had. */
  private async settle(endpoint: Endpoint, change: Promise<void>): Promise<void> {
    try {
      await change;
    } catch (error) {
      if (!(error instanceof FleetFailure)) throw error;
      endpoint.failureReason = error.message;
    }
    this.enter(endpoint, 'InService');
  }

  private enter(endpoint: Endpoint, status: Endpoint['status']): void {
    endpoint.status = status;
    endpoint.modifiedAt = this.world.clock.date();
    endpointChanged(this.world, endpoint, this.tags.asObject(endpoint.arn));
  }
}

function instancesOf(fleets: readonly Fleet[], type: string): number {
  return fleets.flatMap(({ variants }) => variants).filter(({ settings }) => settings.InstanceType === type).reduce((sum, { desiredInstanceCount }) => sum + desiredInstanceCount, 0);
}

function refuseRolling(config: DeploymentConfig | undefined): void {
  if (config?.RollingUpdatePolicy) throw new AwsError('NotImplemented', 'the twin does not implement DeploymentConfig/RollingUpdatePolicy; use BlueGreenUpdatePolicy', 501);
}

function sameNames(live: Fleet, green: Fleet): boolean {
  const names = (fleet: Fleet) => fleet.variants.map(({ name }) => name).sort().join();
  return names(live) === names(green);
}
