import type { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { PutMetricAlarmCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  CreateEndpointCommand, CreateEndpointConfigCommand, CreateModelCommand, DeleteEndpointCommand, DescribeEndpointConfigCommand, DescribeModelCommand,
  EndpointStatus, UpdateEndpointCommand, type DescribeEndpointCommandOutput, type DescribeModelPackageCommandOutput, type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { KEPT_RELEASES, type StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { DEPLOY_OUTPUTS } from '../../../lib/serving/deploy-endpoint.contract';
import { describeEndpoint, isNotFound, isThereAlready, orUndefined } from '../../adapters/model-packages';
import { JobFailure, type JobOutcome } from '../../adapters/pipeline-job';
import type { RollbackRecord } from '../../adapters/rollback-record';
import { isTransient } from '../../adapters/transient';
import { configuredInstances, fleetPlan, runningInstances } from './fleet';
import { deploymentConfig, rollbackAlarms, watchSeconds } from './guardrails';
import { removeLeftovers } from './leftovers';
import { noteRelease } from './notes';
import { assertReleasable, assertWatchable } from './releasable';
import { restoreScaling } from './restore-scaling';
import { failureReason, rolledBack, type FailedRelease } from './rollback';
import { applyScaling, isBeingScaled, removeScaling } from './scaling';
import { changesCapture, changesInstanceType, type Wanted } from './wanted';

/** What one look leaves for the next; everything else is read from the endpoint again. */
export interface Progress {
  /** `waiting`: something else keeps the endpoint busy, or AWS does not see yet what was made. `moving`: on its way to the wanted config. */
  readonly phase: 'waiting' | 'moving';
  readonly previousConfig: string | null;
  /** Looks spent waiting, so that a name that never appears ends in a reason. */
  readonly looks: number;
  /** What is not as the settings have it, for the summary of the release. */
  readonly notes?: readonly string[];
  /** Before this time SageMaker cannot have watched the release for as long as it was told to; milliseconds since the epoch. */
  readonly watchedUntil?: number;
}

export interface Clients {
  readonly sagemaker: SageMakerClient;
  readonly cloudwatch: CloudWatchClient;
  readonly autoscaling: ApplicationAutoScalingClient;
}

/** Looks that a fresh name may stay unknown to AWS: eventual consistency, not a fault. */
const PATIENT_LOOKS = 10;

/** States that SageMaker leaves only by deletion. Until then an endpoint whose rollback failed answers, by both models. */
const STUCK: readonly (string | undefined)[] = [EndpointStatus.UPDATE_ROLLBACK_FAILED, EndpointStatus.OUT_OF_SERVICE];

/** Brings one endpoint to one config, a look at a time; each look may be repeated and ends the same. */
export class Deployment {
  constructor(
    private readonly clients: Clients, private readonly stage: StageDescriptor, private readonly packageArn: string, private readonly group: string,
    private readonly wanted: Wanted, private readonly topicArn: string | undefined,
    private readonly rollbacks: Pick<RollbackRecord, 'remember' | 'forget'>, private readonly now: () => number = Date.now,
  ) {}

  async look(progress: Progress | undefined): Promise<JobOutcome<Progress>> {
    try {
      return await this.proceed(progress);
    } catch (error) {
      if (isTransient(error)) throw error;
      throw await this.withScalingRestored(error as Error);
    }
  }

  private async proceed(progress: Progress | undefined): Promise<JobOutcome<Progress>> {
    const endpoint = await describeEndpoint(this.clients.sagemaker, this.stage.endpointName);
    const moving = progress?.phase === 'moving' || this.isMoving(endpoint);
    try {
      if (moving && endpoint !== undefined) return await this.follow(endpoint, progress);
      assertWatchable(this.stage, this.packageArn, await this.assertReleasable('so it is not released; approve it to release it'));
      return await this.start(endpoint, progress);
    } catch (error) {
      const cause = passing(error);
      if (cause === undefined || (progress?.looks ?? 0) >= PATIENT_LOOKS) throw error;
      return this.wait(progress, `${cause}: ${(error as Error).message}`);
    }
  }

  /** The reason stays that of the release; that its scaling is not back either is added to it. */
  private async withScalingRestored(reason: Error): Promise<Error> {
    try {
      await restoreScaling(this.clients, this.stage, this.wanted.config.EndpointConfigName);
      return reason;
    } catch (error) {
      if (isTransient(error)) throw error;
      return new JobFailure(`${reason.message}. Besides, endpoint ${this.stage.endpointName} does not scale any more: ${(error as Error).message}; correct that and retry the stage`);
    }
  }

  private isMoving(endpoint: DescribeEndpointCommandOutput | undefined): boolean {
    return endpoint?.PendingDeploymentSummary?.EndpointConfigName === this.wanted.config.EndpointConfigName
      || (endpoint?.EndpointStatus === EndpointStatus.CREATING && endpoint.EndpointConfigName === this.wanted.config.EndpointConfigName);
  }

  private assertReleasable(consequence: string): Promise<DescribeModelPackageCommandOutput> {
    return assertReleasable(this.clients.sagemaker, this.packageArn, this.group, consequence);
  }

  private async start(endpoint: DescribeEndpointCommandOutput | undefined, progress: Progress | undefined): Promise<JobOutcome<Progress>> {
    const { sagemaker } = this.clients;
    const name = this.stage.endpointName;
    const configName = this.wanted.config.EndpointConfigName;
    if (endpoint?.EndpointStatus === EndpointStatus.FAILED) {
      // A failed endpoint can only be deleted; its name is free a little later.
      await sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
      return this.wait(progress, `endpoint ${name} had failed (${endpoint.FailureReason ?? 'no reason given'}) and is made anew`);
    }
    if (endpoint !== undefined && endpoint.EndpointStatus !== EndpointStatus.IN_SERVICE) {
      if (STUCK.includes(endpoint.EndpointStatus)) throw stuck(endpoint);
      return this.wait(progress, `endpoint ${name} is ${endpoint.EndpointStatus}`);
    }
    if (endpoint?.EndpointConfigName === configName) {
      await this.makeAlarms();
      return this.finish(endpoint, progress);
    }
    if (endpoint === undefined) {
      await this.makeModelAndConfig(this.stage.hosting.instanceCount);
      await this.makeAlarms();
      await sagemaker.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: configName, Tags: this.wanted.config.Tags }));
      return this.move({ previousConfig: null }, `endpoint ${name} is being created`);
    }
    const update = await this.update(endpoint);
    return this.move({ previousConfig: endpoint.EndpointConfigName!, ...update }, noted(`endpoint ${name} moves from ${endpoint.EndpointConfigName} to ${configName}`, update.notes));
  }

  /** The number of instances is no part of a config's name: the result is that of a config that is there already. */
  private async makeModelAndConfig(instances: number): Promise<number> {
    const { sagemaker } = this.clients;
    const { model, config } = this.wanted;
    if (await orUndefined(sagemaker.send(new DescribeModelCommand({ ModelName: model.ModelName }))) === undefined) {
      await sagemaker.send(new CreateModelCommand(model)).catch((error: Error) => { throw this.refusal(error); });
    }
    const made = await orUndefined(sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: config.EndpointConfigName })));
    if (made !== undefined) return made.ProductionVariants?.[0]?.InitialInstanceCount ?? instances;
    await sagemaker.send(new CreateEndpointConfigCommand({
      ...config, ProductionVariants: config.ProductionVariants!.map((variant) => ({ ...variant, InitialInstanceCount: instances })),
    }));
    return instances;
  }

  /** Also for a first release, and for new limits alone: the probe watches them after every release. */
  private async makeAlarms(): Promise<void> {
    for (const alarm of rollbackAlarms(this.stage, this.wanted.config.EndpointConfigName, this.topicArn)) await this.clients.cloudwatch.send(new PutMetricAlarmCommand(alarm));
  }

  /** What SageMaker refuses of a package will not be there on another look. */
  private refusal(error: Error): Error {
    if (error.name !== 'ValidationException' || isThereAlready(error)) return error;
    return new JobFailure(`no model can be made of ${this.packageArn}: ${error.message} Approve a package whose image and artifact exist, or start the training pipeline to make both anew`);
  }

  private async update(endpoint: DescribeEndpointCommandOutput): Promise<Pick<Progress, 'notes' | 'watchedUntil'>> {
    const { sagemaker, autoscaling } = this.clients;
    const { stage, wanted: { config } } = this;
    const current = await sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: endpoint.EndpointConfigName }));
    const running = runningInstances(endpoint);
    const recaptured = changesCapture(config, current);
    const configured = await this.makeModelAndConfig(configuredInstances(stage.hosting, running, recaptured));
    const { retained, canary, notes } = fleetPlan(stage, running ?? configured, configured, recaptured);
    await this.makeAlarms();
    if (changesInstanceType(stage, current)) await removeScaling(autoscaling, stage.endpointName);
    const guardrails = deploymentConfig(stage, config.EndpointConfigName, canary);
    const watchedUntil = this.now() + 1000 * watchSeconds(guardrails);
    await sagemaker.send(new UpdateEndpointCommand({
      EndpointName: stage.endpointName, EndpointConfigName: config.EndpointConfigName, DeploymentConfig: guardrails, RetainAllVariantProperties: retained,
    }));
    return { notes, watchedUntil };
  }

  private async follow(endpoint: DescribeEndpointCommandOutput, progress: Progress | undefined): Promise<JobOutcome<Progress>> {
    const name = this.stage.endpointName;
    const wanted = this.wanted.config.EndpointConfigName;
    switch (endpoint.EndpointStatus) {
      case EndpointStatus.IN_SERVICE:
        // After a rollback the status is InService too, on the old config, at times without a reason.
        if (endpoint.EndpointConfigName === wanted && endpoint.PendingDeploymentSummary === undefined) return this.finish(endpoint, progress);
        throw await rolledBack(this.clients, this.release, endpoint, this.rollbacks);
      case EndpointStatus.UPDATE_ROLLBACK_FAILED:
        await rolledBack(this.clients, this.release, endpoint, this.rollbacks);
        throw stuck(endpoint);
      case EndpointStatus.OUT_OF_SERVICE:
        throw stuck(endpoint);
      case EndpointStatus.FAILED:
        throw new JobFailure(`endpoint ${name} is ${endpoint.EndpointStatus}: ${failureReason(this.release, endpoint) ?? 'no reason given'}; look at the log group /aws/sagemaker/Endpoints/${name}, then retry the stage`);
      default:
        return this.move({ previousConfig: null, ...progress }, noted(`endpoint ${name} is ${endpoint.EndpointStatus}`, progress?.notes));
    }
  }

  private get release(): FailedRelease {
    const { endpointName, hosting: { instanceType } } = this.stage;
    return { endpointName, instanceType, configName: this.wanted.config.EndpointConfigName, packageArn: this.packageArn };
  }

  private async finish(endpoint: DescribeEndpointCommandOutput, progress: Progress | undefined): Promise<JobOutcome<Progress>> {
    const { sagemaker, cloudwatch } = this.clients;
    const configName = this.wanted.config.EndpointConfigName;
    // The notes come first: they hold whatever becomes of the scaling.
    await noteRelease(sagemaker, endpoint, configName, this.stage.hosting.autoscaling);
    await this.rollbacks.forget(this.packageArn);
    await this.scale(configName);
    await removeLeftovers(sagemaker, cloudwatch, this.stage.endpointName, configName, KEPT_RELEASES);
    await this.assertReleasable('though it was approved when its release began; the release that the rejection started serves the newest approved package in its place');
    return {
      status: 'succeeded', summary: noted(`endpoint ${this.stage.endpointName} serves ${this.packageArn} by ${configName}`, [...progress?.notes ?? [], ...this.unwatched(progress)]),
      outputs: { [DEPLOY_OUTPUTS.configName]: configName, [DEPLOY_OUTPUTS.previousConfigName]: progress?.previousConfig ?? configName },
    };
  }

  /** SageMaker does not say that it leaves an endpoint out of its guardrails; a release that ended too soon shows it. */
  private unwatched({ watchedUntil = 0 }: Partial<Progress> = {}): string[] {
    return this.now() >= watchedUntil ? [] : [
      'SageMaker did not watch this release, nor keep the old fleet, for as long as it was told to; its deployment guardrails leave out Inf1 instances and AWS Marketplace containers',
    ];
  }

  private async scale(configName: string): Promise<void> {
    const { endpointName, hosting } = this.stage;
    try {
      await applyScaling(this.clients.autoscaling, endpointName, hosting.autoscaling);
    } catch (error) {
      if (isTransient(error) || isBeingScaled(error)) throw error;
      throw new JobFailure(`endpoint ${endpointName} serves ${this.packageArn} by ${configName}, but its scaling could not be changed: ${(error as Error).message}; correct that, then retry the stage`);
    }
  }

  private wait(progress: Progress | undefined, summary: string): JobOutcome<Progress> {
    return { status: 'in-progress', summary, continuation: { phase: 'waiting', previousConfig: null, ...progress, looks: (progress?.looks ?? 0) + 1 } };
  }

  private move(known: Omit<Progress, 'phase' | 'looks'>, summary: string): JobOutcome<Progress> {
    return { status: 'in-progress', summary, continuation: { ...known, phase: 'moving', looks: 0 } };
  }
}

function noted(summary: string, notes: readonly string[] = []): string {
  return [summary, ...notes].join('; ');
}

/** Why the same call may be taken a little later, if so. */
function passing(error: unknown): string | undefined {
  if (isNotFound(error)) return 'what was just made is not seen yet';
  if (isThereAlready(error)) return 'it was made already, by a try that got no answer';
  return isBeingScaled(error) ? 'the scaling is being changed at the same time' : undefined;
}

function stuck({ EndpointName: name, EndpointStatus: status, FailureReason: reason = 'no reason given' }: DescribeEndpointCommandOutput): JobFailure {
  return new JobFailure(`endpoint ${name} is ${status} (${reason}); delete it, then start the release pipeline: aws sagemaker delete-endpoint --endpoint-name ${name}`);
}
