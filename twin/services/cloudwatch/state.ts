import { AwsError } from '../../service';
import { World } from '../../world';
import { Alarm, AlarmState, CompositeAlarm, CompositeAlarmSettings, MetricAlarm, MetricAlarmSettings, StateValue } from './alarm';
import { addHistory, isKnownAction, performActions } from './alarm-actions';
import { isComparison } from './alarm-evaluation';
import { eventDetail } from './alarm-messages';
import { AlarmRule } from './alarm-rule';
import { AlarmScheduler } from './alarm-scheduler';
import { CompositeAlarms } from './composite-alarms';
import { MetricStore } from './metric-store';
import { MetricDataQuery, QuerySet } from './queries';

export interface Dashboard {
  readonly name: string;
  body: string;
  modifiedAt: Date;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const UNCHECKED = 'Unchecked: Initial alarm creation';
const DAY = 86_400;

/** What CloudWatch holds: metrics, alarms, dashboards. */
export class CloudWatchState {
  readonly metrics = new MetricStore();
  readonly dashboards = new Map<string, Dashboard>();
  private readonly alarmsByName = new Map<string, Alarm>();
  private readonly scheduler: AlarmScheduler;
  private readonly composites: CompositeAlarms;

  constructor(private readonly world: World) {
    this.scheduler = new AlarmScheduler(world, this.metrics, (alarm, state) => this.setState(alarm, state));
    this.composites = new CompositeAlarms(world, (name) => this.alarmsByName.get(name), () => this.alarms(),
      (alarm, value, reason) => this.setState(alarm, { value, reason }));
  }

  alarms(): readonly Alarm[] {
    return [...this.alarmsByName.values()];
  }

  alarm(name: string): Alarm | undefined {
    return this.alarmsByName.get(name);
  }

  alarmArn(name: string): string {
    return this.world.arn('cloudwatch', `alarm:${name}`);
  }

  /** Puts a metric alarm; an existing one keeps its state. */
  putMetricAlarm(settings: MetricAlarmSettings, tags: readonly Tag[] = []): MetricAlarm {
    refuseUnknown(settings);
    const queries = new QuerySet(this.metrics, queriesOf(settings));
    const watched = watchedQuery(queries);
    checkMetricAlarm(settings, queries.period);
    const existing = this.existing(settings.AlarmName, 'metric');
    const alarm: MetricAlarm = existing ?? { kind: 'metric', ...this.blank(settings.AlarmName, tags), settings, queries, watched };
    Object.assign(alarm, { settings, queries, watched, configuredAt: this.world.clock.date() });
    this.store(alarm, existing !== undefined);
    this.scheduler.watch(alarm);
    return alarm;
  }

  putCompositeAlarm(settings: CompositeAlarmSettings, tags: readonly Tag[] = []): CompositeAlarm {
    const rule = new AlarmRule(settings.AlarmRule);
    checkActions(settings);
    for (const name of rule.alarms) {
      if (!this.alarmsByName.has(name)) throw new AwsError('ValidationError', `Could not save the composite alarm as alarms [${name}] in the alarm rule do not exist`);
    }
    const existing = this.existing(settings.AlarmName, 'composite');
    const alarm: CompositeAlarm = existing ?? { kind: 'composite', ...this.blank(settings.AlarmName, tags), settings, rule };
    Object.assign(alarm, { settings, rule, configuredAt: this.world.clock.date() });
    this.store(alarm, existing !== undefined);
    this.composites.evaluate(alarm);
    return alarm;
  }

  deleteAlarm(alarm: Alarm): void {
    if (alarm.kind === 'metric') this.scheduler.unwatch(alarm);
    else this.composites.forget(alarm);
    this.alarmsByName.delete(alarm.name);
  }

  /** A transition: history, event, dependent alarms, actions. */
  setState(alarm: Alarm, { value, reason, reasonData }: { value: StateValue; reason: string; reasonData?: string }): void {
    const previous = alarm.state;
    const now = this.world.clock.date();
    alarm.state = { value, reason, reasonData, updatedAt: now, transitionedAt: value === previous.value ? previous.transitionedAt : now };
    if (value === previous.value) return;
    addHistory(this.world, alarm, 'StateUpdate', `Alarm updated from ${previous.value} to ${value}`,
      { oldState: { stateValue: previous.value, stateReason: previous.reason }, newState: { stateValue: value, stateReason: reason } });
    if (alarm.kind === 'composite') this.composites.act(alarm, previous);
    else this.world.clock.after(0, `cloudwatch: actions of ${alarm.name}`, () => performActions(this.world, alarm, previous));
    this.world.publish({ source: 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change', resources: [alarm.arn], detail: eventDetail(alarm, previous) });
    this.composites.dependencyChanged(alarm);
  }

  /** `SetAlarmState`: lasts until the next evaluation finds otherwise. */
  overrideState(alarm: Alarm, state: { value: StateValue; reason: string; reasonData?: string }): void {
    this.setState(alarm, state);
    if (alarm.kind === 'metric') this.scheduler.schedule(alarm, 0);
  }

  private existing<K extends Alarm['kind']>(name: string, kind: K): Extract<Alarm, { kind: K }> | undefined {
    const alarm = this.alarmsByName.get(name);
    if (alarm && alarm.kind !== kind) throw new AwsError('ValidationError', `An alarm of another type with the name ${name} exists already`);
    return alarm as Extract<Alarm, { kind: K }> | undefined;
  }

  private store(alarm: Alarm, existed: boolean): void {
    this.alarmsByName.set(alarm.name, alarm);
    addHistory(this.world, alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${existed ? 'updated' : 'created'}`, { type: existed ? 'Update' : 'Create' });
  }

  private blank(name: string, tags: readonly Tag[]) {
    const now = this.world.clock.date();
    const state: AlarmState = { value: 'INSUFFICIENT_DATA', reason: UNCHECKED, updatedAt: now, transitionedAt: now };
    return { name, arn: this.alarmArn(name), state, configuredAt: now, history: [], tags: new Map(tags.map(({ Key, Value }) => [Key, Value])) };
  }
}

/** Kinds of alarm the twin does not have, by the property that asks for them. */
function refuseUnknown(settings: MetricAlarmSettings): void {
  const asked = ['ThresholdMetricId', 'EvaluationCriteria', 'EvaluationInterval', 'EvaluationWindow'].find((name) => name in settings && settings[name as never] !== undefined);
  if (asked) throw new AwsError('NotImplemented', `the twin does not implement ${asked} of alarm ${settings.AlarmName}; it compares metrics with a static threshold`, 501);
}

function queriesOf(settings: MetricAlarmSettings): readonly MetricDataQuery[] {
  if (settings.Metrics) {
    if (settings.MetricName !== undefined) throw new AwsError('InvalidParameterCombination', 'MetricName and Metrics cannot be given together');
    return settings.Metrics;
  }
  const { Namespace, MetricName, Dimensions, Period, Unit } = settings;
  const Stat = settings.Statistic ?? settings.ExtendedStatistic;
  if (Namespace === undefined || MetricName === undefined || Period === undefined || Stat === undefined) {
    throw new AwsError('ValidationError', 'An alarm on one metric needs Namespace, MetricName, Period and Statistic or ExtendedStatistic');
  }
  return [{ Id: 'm1', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat, Unit }, ReturnData: true }];
}

function watchedQuery({ queries }: QuerySet): string {
  const returned = queries.filter((query) => query.ReturnData ?? true);
  if (returned.length !== 1) throw new AwsError('ValidationError', 'Exactly one element of the metrics list should return data');
  return returned[0]!.Id;
}

function checkMetricAlarm(settings: MetricAlarmSettings, period: number): void {
  for (const name of ['EvaluationPeriods', 'ComparisonOperator', 'Threshold'] as const) {
    if (settings[name] === undefined) throw new AwsError('ValidationError', `${name} is required for an alarm on a static threshold`);
  }
  if (!isComparison(settings.ComparisonOperator)) {
    throw new AwsError('NotImplemented', `the twin does not implement anomaly detection (${settings.ComparisonOperator} of alarm ${settings.AlarmName})`, 501);
  }
  if (period % 60 !== 0 || period <= 0) {
    throw new AwsError('NotImplemented', `the twin does not implement an alarm period of ${period} seconds (alarm ${settings.AlarmName}); use a multiple of 60`, 501);
  }
  if ((settings.DatapointsToAlarm ?? 1) > settings.EvaluationPeriods) {
    throw new AwsError('ValidationError', 'DatapointsToAlarm must be less than or equal to EvaluationPeriods');
  }
  if (!['breaching', 'notBreaching', 'ignore', 'missing', undefined].includes(settings.TreatMissingData)) {
    throw new AwsError('ValidationError', `The value ${settings.TreatMissingData} is not allowed for TreatMissingData`);
  }
  const span = period * settings.EvaluationPeriods;
  if (span > (period >= 3600 ? 7 * DAY : DAY)) {
    throw new AwsError('ValidationError', 'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400; <= 604800 for periods of an hour or more)');
  }
  checkActions(settings);
}

function checkActions(settings: { AlarmName: string; OKActions?: readonly string[]; AlarmActions?: readonly string[]; InsufficientDataActions?: readonly string[] }): void {
  for (const action of [...settings.OKActions ?? [], ...settings.AlarmActions ?? [], ...settings.InsufficientDataActions ?? []]) {
    if (!isKnownAction(action)) throw new AwsError('NotImplemented', `the twin does not implement the action ${action} of alarm ${settings.AlarmName}`, 501);
  }
}
