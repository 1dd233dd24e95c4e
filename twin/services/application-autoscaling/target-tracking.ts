import { AwsError } from '../../service';
import { World } from '../../world';
import { CloudWatchService } from '../cloudwatch';
import { MINUTE, MetricIdentity } from '../cloudwatch/metric-store';
import { SageMakerService } from '../sagemaker';
import { AutoScalingState, ScalingPolicy } from './state';

/** A policy scales out after three minutes above its target, and in after fifteen below nine tenths of it. */
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;
const LOW_SHARE = 0.9;
const COOLDOWN_SECONDS = 300;

/** Keeps a metric near its target by the two alarms that AWS puts for every such policy, and the number of instances. */
export class TargetTracker {
  constructor(private readonly world: World, private readonly state: AutoScalingState) {}

  putAlarms(policy: ScalingPolicy): void {
    const { identity, statistic } = metricOf(policy);
    const alarm = (AlarmName: string, ComparisonOperator: string, EvaluationPeriods: number, Threshold: number) => this.cloudWatch.state.putMetricAlarm({
      AlarmName, ComparisonOperator, EvaluationPeriods, Threshold, ...identity, Statistic: statistic, Period: 60, AlarmActions: [policy.arn],
      AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policy.arn}.`,
    });
    const { TargetValue } = policy.configuration;
    alarm(policy.alarms.high, 'GreaterThanThreshold', HIGH_PERIODS, TargetValue);
    alarm(policy.alarms.low, 'LessThanThreshold', LOW_PERIODS, TargetValue * LOW_SHARE);
    this.reconsider(policy);
  }

  deleteAlarms(policy: ScalingPolicy): void {
    for (const name of Object.values(policy.alarms)) {
      const alarm = this.cloudWatch.state.alarm(name);
      if (alarm) this.cloudWatch.state.deleteAlarm(alarm);
    }
  }

  /** Scales if an alarm asks for it, and again as long as one does and there is room: unlike other actions, scaling repeats. */
  reconsider(policy: ScalingPolicy): void {
    if (this.state.policyByArn(policy.arn) !== policy) return;
    const inAlarm = (name: string) => this.cloudWatch.state.alarm(name)?.state.value === 'ALARM';
    if (inAlarm(policy.alarms.high)) this.scale(policy, 'out');
    else if (inAlarm(policy.alarms.low) && !policy.configuration.DisableScaleIn) this.scale(policy, 'in');
  }

  private scale(policy: ScalingPolicy, direction: 'out' | 'in'): void {
    const { target, configuration } = policy;
    const { suspended } = target;
    if (direction === 'out' ? suspended.DynamicScalingOutSuspended : suspended.DynamicScalingInSuspended) return;
    const now = this.world.clock.now();
    if (now < policy.coolUntil[direction]) return this.later(policy, policy.coolUntil[direction] - now);
    const sageMaker = this.world.service<SageMakerService>('sagemaker');
    const variant = sageMaker.hosting.endpoints.find(target.endpointName)?.live?.variant(target.variantName);
    if (!variant) return;
    const current = variant.desiredInstanceCount;
    const load = this.load(policy, direction === 'out' ? HIGH_PERIODS : LOW_PERIODS);
    const needed = Math.ceil((current * load) / configuration.TargetValue);
    const wanted = Math.min(target.maximum, Math.max(target.minimum, needed));
    if (direction === 'out' ? wanted <= current : wanted >= current) return;
    try {
      sageMaker.endpoints.updateWeightsAndCapacities(target.endpointName, [{ VariantName: target.variantName, DesiredInstanceCount: wanted }]);
    } catch (error) {
      // Scaling waits while the endpoint is being changed.
      if (!(error instanceof AwsError)) throw error;
      return this.later(policy, MINUTE);
    }
    const seconds = (direction === 'out' ? configuration.ScaleOutCooldown : configuration.ScaleInCooldown) ?? COOLDOWN_SECONDS;
    policy.coolUntil[direction] = now + seconds * 1000;
    this.state.activities.push({
      id: this.world.random.uuid(), target, at: this.world.clock.date(),
      description: `Setting desired instance count to ${wanted}.`,
      cause: `monitor alarm ${direction === 'out' ? policy.alarms.high : policy.alarms.low} in state ALARM triggered policy ${policy.name}`,
    });
    this.later(policy, Math.max(MINUTE, seconds * 1000));
  }

  /** The highest value of the metric in the last minutes: what the instances have to carry. */
  private load(policy: ScalingPolicy, minutes: number): number {
    const { identity, statistic } = metricOf(policy);
    const series = this.cloudWatch.metrics.find(identity);
    const end = Math.floor(this.world.clock.now() / MINUTE) * MINUTE;
    const values = Array.from({ length: minutes }, (_, index) => series?.over(end - (index + 1) * MINUTE, end - index * MINUTE, statistic) ?? 0);
    return Math.max(...values);
  }

  private later(policy: ScalingPolicy, milliseconds: number): void {
    this.world.clock.after(milliseconds, `application-autoscaling: ${policy.name}`, () => this.reconsider(policy));
  }

  private get cloudWatch(): CloudWatchService {
    return this.world.service<CloudWatchService>('monitoring');
  }
}

/** What the policy watches; refuses what the twin has no metric for. */
export function metricOf({ configuration, target }: Pick<ScalingPolicy, 'configuration' | 'target'>): { identity: MetricIdentity; statistic: string } {
  const predefined = configuration.PredefinedMetricSpecification?.PredefinedMetricType;
  if (predefined === 'SageMakerVariantInvocationsPerInstance') {
    const Dimensions = [{ Name: 'EndpointName', Value: target.endpointName }, { Name: 'VariantName', Value: target.variantName }];
    return { identity: { Namespace: 'AWS/SageMaker', MetricName: 'InvocationsPerInstance', Dimensions }, statistic: 'Sum' };
  }
  const custom = configuration.CustomizedMetricSpecification;
  if (custom && custom.Metrics === undefined) {
    return { identity: { Namespace: custom.Namespace, MetricName: custom.MetricName, Dimensions: custom.Dimensions }, statistic: custom.Statistic };
  }
  throw new AwsError('NotImplemented', `the twin does not implement target tracking on ${predefined ?? 'metric math'}; it knows SageMakerVariantInvocationsPerInstance and single metrics`, 501);
}
