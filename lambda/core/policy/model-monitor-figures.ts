import { Baseline, BaselineColumn, featuresOf } from '../baseline/baseline';
import { Accumulator, ColumnCounts } from '../statistics/accumulator';
import { OffsetScale } from '../statistics/bins';
import { judgeByPreset, Preset } from './presets';
import { DriftReport } from './report';

/** A figure under the name that Model Monitor's container emits it by. */
export interface ModelMonitorFigure {
  readonly name: string;
  /** What one value was, or what many were. */
  readonly values: number | { readonly count: number; readonly sum: number; readonly minimum: number; readonly maximum: number };
}

const DEFAULT_RULE: Preset = { name: 'model-monitor' };

/**
 * What Model Monitor emits of each feature: `feature_data_{f}` (numbers only), `feature_non_null_{f}`, the share of values that are there, and
 * `feature_baseline_drift_{f}`, the distance by its rule. Of a window that cannot be judged there is no distance.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html.
 */
export function modelMonitorFigures(report: DriftReport, baseline: Baseline, accumulator: Accumulator, preset: Preset = DEFAULT_RULE): ModelMonitorFigure[] {
  const rule = preset.name === 'model-monitor' ? preset : DEFAULT_RULE;
  return featuresOf(baseline).flatMap((column, i) => {
    const counted = accumulator.column(i);
    const total = counted.present + counted.missing + counted.invalid;
    if (total === 0) return [];
    const { state, metrics } = report.features[i]!;
    const judged = report.state !== 'insufficient' && state !== 'insufficient' && counted.present > 0;
    const distance = judged ? judgeByPreset(rule, { column, counted, metrics }) : undefined;
    return [
      ...valuesOf(column, counted),
      { name: `feature_non_null_${column.name}`, values: (total - counted.missing) / total },
      ...(distance ? [{ name: `feature_baseline_drift_${column.name}`, values: distance.value }] : []),
    ];
  });
}

function valuesOf(column: BaselineColumn, { counts, offsets, present, min, max }: ColumnCounts): ModelMonitorFigure[] {
  if (column.bins.kind === 'nominal' || present === 0) return [];
  const scale = new OffsetScale(column.bins.edges);
  let sum = 0;
  counts.forEach((count, bin) => { sum += scale.sum(bin, count, offsets[bin]!); });
  return [{ name: `feature_data_${column.name}`, values: { count: present, sum, minimum: min, maximum: max } }];
}
