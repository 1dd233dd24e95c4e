import { World } from '../../../world';
import { HostingConditions } from './conditions';
import { deploymentChanged, endpointChanged } from './endpoint-events';
import { DeploymentConfig, Endpoint, EndpointStatus, PendingDeployment, VariantStatus } from './endpoint';
import { Fleet, FleetFailure } from './fleet';
import { Rollback, RollbackAlarms } from './rollback-alarms';
import { ModelServers } from './server-pool';
import { executionLimit, trafficPlan } from './traffic-plan';

const SECOND = 1_000;
/** Instances take this long to come, and to go. */
const PROVISIONING = 180 * SECOND;
const TERMINATION = 60 * SECOND;
/** How often alarms are looked at. */
const WATCH = 30 * SECOND;

/** What the deployments of all endpoints need around them. */
export interface DeploymentContext {
  readonly world: World;
  readonly servers: ModelServers;
  readonly conditions: HostingConditions;
  readonly tagsOf: (endpoint: Endpoint) => Record<string, string>;
  readonly onLine: (endpoint: Endpoint, fleet: Fleet, variant: string, line: string) => void;
}

/** The first fleet of an endpoint: it comes up, or the endpoint has failed for good. */
export async function deployFirst(context: DeploymentContext, endpoint: Endpoint, fleet: Fleet): Promise<void> {
  const { world } = context;
  const deployment = new Deployment(context, endpoint, fleet, undefined);
  deployment.enter('Creating');
  await world.clock.sleep(PROVISIONING, `sagemaker: instances of ${endpoint.name}`);
  try {
    await deployment.startFleet();
  } catch (error) {
    if (!(error instanceof FleetFailure)) throw error;
    await world.clock.sleep(error.afterSeconds * SECOND, `sagemaker: health check of ${endpoint.name}`);
    endpoint.failureReason = error.message;
    deployment.enter('Failed');
    return;
  }
  fleet.share = 1;
  endpoint.live = fleet;
  deployment.enter('InService');
}

/** Blue/green: a second fleet beside the first, traffic step by step, and back at the first sign of an alarm. */
export async function deployUpdate(context: DeploymentContext, endpoint: Endpoint, green: Fleet, config: DeploymentConfig | undefined): Promise<void> {
  const blue = endpoint.live!;
  const deployment = new Deployment(context, endpoint, green, config);
  endpoint.failureReason = undefined;
  deployment.enter('Updating');
  try {
    await deployment.shift(blue);
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
    await deployment.rollBack(blue, error.reason);
    return;
  }
  deployment.report('Deleting', 'Terminating the old fleet.');
  await context.world.clock.sleep(TERMINATION, `sagemaker: terminate old fleet of ${endpoint.name}`);
  await blue.stop();
  endpoint.pending = undefined;
  deployment.enter('InService');
}

class Deployment {
  private readonly pending: PendingDeployment;
  private readonly alarms: RollbackAlarms;
  private readonly deadline: number;

  constructor(private readonly context: DeploymentContext, private readonly endpoint: Endpoint, private readonly green: Fleet, private readonly config: DeploymentConfig | undefined) {
    const now = context.world.clock.date();
    this.pending = { fleet: green, startedAt: now, variantStatus: { status: 'Creating', message: 'Launching instances.', since: now } };
    this.alarms = new RollbackAlarms(context.world, config, green.variants[0]!.model.roleArn);
    this.deadline = now.getTime() + executionLimit(config) * SECOND;
    endpoint.fleets.push(green);
    if (endpoint.live) endpoint.pending = this.pending;
  }

  enter(status: EndpointStatus): void {
    const { world, tagsOf } = this.context;
    this.endpoint.status = status;
    this.endpoint.modifiedAt = world.clock.date();
    endpointChanged(world, this.endpoint, tagsOf(this.endpoint));
  }

  report(status: VariantStatus, message: string): void {
    this.pending.variantStatus = { status, message, since: this.context.world.clock.date() };
    // Those of endpoints that guardrails leave out are not published.
    if (this.endpoint.live?.isExcluded || this.green.isExcluded) return;
    deploymentChanged(this.context.world, this.endpoint, this.context.tagsOf(this.endpoint));
  }

  async startFleet(): Promise<void> {
    const short = this.green.variants.find(({ settings }) => this.context.conditions.isShort(settings.InstanceType));
    if (short) {
      throw new FleetFailure(`Unable to provision requested ML compute capacity of type ${short.settings.InstanceType} due to InsufficientInstanceCapacity error.`, 0);
    }
    await this.green.start(this.context.servers, (variant, line) => this.context.onLine(this.endpoint, this.green, variant, line));
  }

  async shift(blue: Fleet): Promise<void> {
    this.report('Creating', 'Launching instances.');
    await this.alarms.check();
    await this.wait(PROVISIONING);
    if (this.context.conditions.takeStuck(this.endpoint.name)) await this.wait(Infinity);
    try {
      await this.startFleet();
    } catch (error) {
      if (!(error instanceof FleetFailure)) throw error;
      await this.wait(error.afterSeconds * SECOND);
      throw new Rollback(error.message);
    }
    if (this.context.conditions.takeRollback(this.endpoint.name)) throw new Rollback();
    for (const step of trafficPlan(this.config, this.green.variants.map(({ desiredInstanceCount }) => desiredInstanceCount))) {
      await this.alarms.check();
      this.report('ActivatingTraffic', `Turning on ${Math.round(step.share * 100)}% of the traffic on the new fleet.`);
      this.green.share = step.share;
      blue.share = 1 - step.share;
      if (step.seconds === 0) continue;
      this.report('Baking', step.message);
      await this.bake(step.seconds * SECOND);
    }
    this.endpoint.live = this.green;
    this.endpoint.config = this.green.config;
  }

  /** The endpoint ends in service on the old configuration, and says little about why. A rollback that fails leaves both fleets to answer. */
  async rollBack(blue: Fleet, reason: string | undefined): Promise<void> {
    const { world, conditions } = this.context;
    this.enter('RollingBack');
    this.report('Deleting', 'Rolling back to the old fleet.');
    if (conditions.takeFailedRollback(this.endpoint.name)) {
      [blue.share, this.green.share] = [0.5, 0.5];
      await world.clock.sleep(TERMINATION, `sagemaker: roll back ${this.endpoint.name}`);
      this.endpoint.pending = undefined;
      this.endpoint.stranded = this.green;
      this.endpoint.failureReason = reason;
      this.enter('UpdateRollbackFailed');
      return;
    }
    blue.share = 1;
    this.green.share = 0;
    this.green.rolledBackAt = world.clock.date();
    await world.clock.sleep(TERMINATION, `sagemaker: roll back ${this.endpoint.name}`);
    await this.green.stop();
    this.endpoint.pending = undefined;
    this.endpoint.failureReason = reason;
    this.enter('InService');
  }

  private async bake(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= WATCH) {
      await this.wait(Math.min(WATCH, left));
      await this.alarms.check();
    }
  }

  private async wait(milliseconds: number): Promise<void> {
    const { clock } = this.context.world;
    await clock.sleep(Math.min(milliseconds, Math.max(0, this.deadline - clock.now())), `sagemaker: deployment of ${this.endpoint.name}`);
    if (clock.now() >= this.deadline) throw new Rollback('The deployment did not finish within MaximumExecutionTimeoutInSeconds.');
  }
}
