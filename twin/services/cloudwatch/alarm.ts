import { AlarmRule, StateValue } from './alarm-rule';
import { MetricIdentity } from './metric-store';
import { MetricDataQuery, QuerySet } from './queries';

export type { StateValue } from './alarm-rule';

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData?: string;
  /** When the state, or its reason, was last set. */
  readonly updatedAt: Date;
  /** When the value last changed. */
  readonly transitionedAt: Date;
}

export interface HistoryItem {
  readonly time: Date;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  readonly data: string;
}

interface AlarmBase {
  readonly name: string;
  readonly arn: string;
  /** As put, in the API's shape. */
  settings: AlarmSettings;
  state: AlarmState;
  configuredAt: Date;
  readonly history: HistoryItem[];
  tags: Map<string, string>;
}

export interface AlarmSettings {
  readonly AlarmName: string;
  readonly AlarmDescription?: string;
  readonly ActionsEnabled?: boolean;
  readonly OKActions?: readonly string[];
  readonly AlarmActions?: readonly string[];
  readonly InsufficientDataActions?: readonly string[];
}

export interface MetricAlarmSettings extends AlarmSettings {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: MetricIdentity['Dimensions'];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Period?: number;
  readonly Unit?: string;
  readonly Metrics?: readonly MetricDataQuery[];
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData?: string;
  readonly EvaluateLowSampleCountPercentile?: string;
}

export interface CompositeAlarmSettings extends AlarmSettings {
  readonly AlarmRule: string;
  readonly ActionsSuppressor?: string;
  readonly ActionsSuppressorWaitPeriod?: number;
  readonly ActionsSuppressorExtensionPeriod?: number;
}

export interface MetricAlarm extends AlarmBase {
  readonly kind: 'metric';
  settings: MetricAlarmSettings;
  queries: QuerySet;
  /** The query whose value is compared with the threshold. */
  watched: string;
}

export interface CompositeAlarm extends AlarmBase {
  readonly kind: 'composite';
  settings: CompositeAlarmSettings;
  rule: AlarmRule;
  suppressed?: { readonly by: 'WaitPeriod' | 'ExtensionPeriod' | 'Alarm'; readonly reason: string; readonly previous: AlarmState };
}

export type Alarm = MetricAlarm | CompositeAlarm;
