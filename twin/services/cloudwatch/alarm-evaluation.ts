import { MetricAlarmSettings, StateValue } from './alarm';

/** CloudWatch looks this many periods further back, so that late or sparse data still decide. */
const EXTRA_PERIODS = 2;

const COMPARISONS: Readonly<Record<string, { words: string; breaches: (value: number, threshold: number) => boolean }>> = {
  GreaterThanThreshold: { words: 'greater than', breaches: (value, threshold) => value > threshold },
  GreaterThanOrEqualToThreshold: { words: 'greater than or equal to', breaches: (value, threshold) => value >= threshold },
  LessThanThreshold: { words: 'less than', breaches: (value, threshold) => value < threshold },
  LessThanOrEqualToThreshold: { words: 'less than or equal to', breaches: (value, threshold) => value <= threshold },
};

export interface Datapoint {
  readonly time: number;
  readonly value: number;
}

export interface Verdict {
  /** Undefined: the state stays as it is. */
  readonly state?: StateValue;
  /** The datapoints the verdict rests on, newest first. */
  readonly datapoints: readonly Datapoint[];
  readonly missing: number;
}

export function isComparison(operator: string): boolean {
  return operator in COMPARISONS;
}

/** How many periods back an alarm looks. */
export function evaluationRange(settings: MetricAlarmSettings): number {
  return settings.EvaluationPeriods + EXTRA_PERIODS;
}

/**
 * CloudWatch's rule: the newest N datapoints that exist within the evaluation range decide; only where there are fewer
 * than N are missing ones filled in by TreatMissingData. `point(k)` is asked lazily, k = 0 being the newest period.
 */
export function evaluate(settings: MetricAlarmSettings, point: (index: number) => Datapoint | undefined): Verdict {
  const needed = settings.EvaluationPeriods;
  const toAlarm = settings.DatapointsToAlarm ?? needed;
  const { breaches } = COMPARISONS[settings.ComparisonOperator]!;
  const datapoints: Datapoint[] = [];
  let breaching = 0;
  let oldestBreach = 0;
  for (let index = 0; index < evaluationRange(settings) && datapoints.length < needed; index++) {
    const datapoint = point(index);
    if (!datapoint) continue;
    datapoints.push(datapoint);
    if (breaches(datapoint.value, settings.Threshold)) {
      breaching++;
      if (index < needed) oldestBreach = index + 1;
    }
    // Settled already: older points cannot change it.
    if (breaching >= toAlarm || datapoints.length - breaching > needed - toAlarm) break;
  }
  const missing = needed - datapoints.length;
  const verdict = (state?: StateValue): Verdict => ({ state, datapoints, missing });
  if (breaching >= toAlarm) return verdict('ALARM');
  if (datapoints.length - breaching > needed - toAlarm) return verdict('OK');
  switch (settings.TreatMissingData ?? 'missing') {
    case 'breaching': return verdict(breaching + missing >= toAlarm ? 'ALARM' : 'OK');
    case 'notBreaching': return verdict('OK');
    case 'ignore': return verdict(datapoints.length > breaching ? 'OK' : undefined);
    default:
      if (datapoints.length === 0) return verdict('INSUFFICIENT_DATA');
      if (datapoints.length > breaching) return verdict('OK');
      // Only breaching points, too few of them: an alarm as soon as the oldest is old enough to have been joined by the rest.
      return verdict(oldestBreach >= toAlarm ? 'ALARM' : undefined);
  }
}

/** The reason as CloudWatch words it. */
export function reasonOf(settings: MetricAlarmSettings, verdict: Verdict, previous: StateValue): string {
  const count = verdict.datapoints.length;
  const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  if (verdict.state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${plural(verdict.missing, 'datapoint')} ${verdict.missing === 1 ? 'was' : 'were'} unknown.`;
  }
  const treated = verdict.missing > 0 && ['breaching', 'notBreaching'].includes(settings.TreatMissingData ?? '')
    ? `${plural(verdict.missing, 'missing datapoint')} ${verdict.missing === 1 ? 'was' : 'were'} treated as [${settings.TreatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching'}]`
    : undefined;
  if (count === 0) return `Threshold Crossed: no datapoints were received for ${plural(settings.EvaluationPeriods, 'period')} and ${treated}.`;
  const { words, breaches } = COMPARISONS[settings.ComparisonOperator]!;
  const telling = verdict.datapoints.filter(({ value }) => breaches(value, settings.Threshold) === (verdict.state === 'ALARM'));
  const values = telling.map(({ time, value }) => `${decimal(value)} (${shortDate(time)})`).join(', ');
  const comparison = `${telling.length === 1 ? 'was' : 'were'} ${verdict.state === 'ALARM' ? '' : 'not '}${words} the threshold (${decimal(settings.Threshold)})`;
  const minimum = verdict.state === 'ALARM' ? settings.DatapointsToAlarm ?? settings.EvaluationPeriods
    : settings.EvaluationPeriods - (settings.DatapointsToAlarm ?? settings.EvaluationPeriods) + 1;
  return `Threshold Crossed: ${telling.length} out of the last ${plural(settings.EvaluationPeriods, 'datapoint')} [${values}] ${comparison}` +
    `${treated ? ` and ${treated}` : ''} (minimum ${plural(minimum, 'datapoint')} for ${previous} -> ${verdict.state} transition).`;
}

/** The reason for programs: `StateReasonData`. */
export function reasonDataOf(settings: MetricAlarmSettings, verdict: Verdict, period: number, time: number): string {
  return JSON.stringify({
    version: '1.0',
    queryDate: awsDate(new Date(time)),
    ...(verdict.datapoints.length > 0 && { startDate: awsDate(new Date(verdict.datapoints[verdict.datapoints.length - 1]!.time)) }),
    statistic: settings.Statistic ?? settings.ExtendedStatistic,
    period,
    recentDatapoints: [...verdict.datapoints].reverse().map(({ value }) => value),
    threshold: settings.Threshold,
    evaluatedDatapoints: verdict.datapoints.map((datapoint) => ({ timestamp: awsDate(new Date(datapoint.time)), value: datapoint.value })),
  });
}

/** `2026-01-31T10:00:00.000+0000`, as CloudWatch writes times in its messages. */
export function awsDate(date: Date): string {
  return date.toISOString().replace('Z', '+0000');
}

function shortDate(time: number): string {
  const [year, month, day] = new Date(time).toISOString().slice(2, 10).split('-');
  return `${day}/${month}/${year} ${new Date(time).toISOString().slice(11, 19)}`;
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
