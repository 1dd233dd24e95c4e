import type { MeasurementRules } from '../../../lib/monitoring/quality-monitor.contract';
import {
  classifierFigures, facetBias, hasEnoughLabels, judgeQuality, regressionFigures,
  type BiasFacet, type FacetBias, type JudgedFigure, type MetricValue, type QualityJudgement,
} from '../../core';
import type { WindowCounts } from './join-windows';

/** A window's figures, its judgement and the counts behind them. The same counts and rules give the same report. */
export interface WindowReport extends QualityJudgement {
  /** First moment, and the one after the last; ISO 8601. */
  readonly window: { readonly start: string; readonly end: string };
  readonly packageArn: string;
  readonly predictions: number;
  readonly labelled: number;
  readonly figures?: NonNullable<ReturnType<typeof classifierFigures> | ReturnType<typeof regressionFigures>>;
  readonly bias?: readonly FacetBias[];
  readonly counts: WindowCounts['quality'];
}

export interface ReportContext {
  readonly rules: MeasurementRules;
  readonly packageArn: string;
  readonly registered: MetricValue | undefined;
}

const HOUR = 3_600_000;

export function reportOf(start: number, { quality, tallies }: WindowCounts, { rules, packageArn, registered }: ReportContext): WindowReport {
  const judgement = judgeQuality(quality, judgementOptions(rules, registered));
  const options = { minimumRows: rules.minimumLabels, favourableLabel: rules.favourableLabel };
  return {
    window: { start: new Date(start).toISOString(), end: new Date(start + rules.windowHours * HOUR).toISOString() },
    packageArn, ...judgement, predictions: quality.predictions, labelled: quality.labelled,
    figures: (rules.task === 'regression' ? regressionFigures : classifierFigures)(quality),
    ...(tallies.length > 0 && { bias: tallies.map((tally, i) => facetBias(rules.facets[i] as BiasFacet, tally, options)) }),
    counts: quality,
  };
}

/** The newest window that could be judged: labels of newer ones may still come. Where there is none, the newest with labels enough for figures. */
export function newestJudged(reports: readonly WindowReport[], { rules, registered }: ReportContext): WindowReport | undefined {
  return reports.findLast(({ multiple }) => multiple !== undefined)
    ?? reports.findLast(({ counts }) => hasEnoughLabels(counts, judgementOptions(rules, registered)));
}

export interface WorstBias {
  readonly window: string;
  readonly feature: string;
  readonly measure: string;
  readonly multiple: number;
}

/** The measure farthest beyond its limit, each in the newest window in which it can be told, and the limits of which no window tells. */
export interface BiasFound {
  readonly worst?: WorstBias;
  readonly untold: ReadonlyArray<Pick<WorstBias, 'feature' | 'measure'>>;
}

export function biasFound(reports: readonly WindowReport[], facets: MeasurementRules['facets']): BiasFound {
  const limits = facets.flatMap(({ feature, limits }, i) => Object.keys(limits).map((measure) => ({ i, feature, measure })));
  const found = limits.map(({ i, feature, measure }) => {
    const multipleIn = ({ bias }: WindowReport) => bias?.[i]?.limits.find((limit) => limit.measure === measure)?.multiple;
    const newest = reports.findLast((report) => multipleIn(report) !== undefined);
    return { feature, measure, ...(newest && { window: newest.window.start, multiple: multipleIn(newest)! }) };
  });
  const told = found.filter((each): each is WorstBias => each.multiple !== undefined).sort((a, b) => b.multiple - a.multiple);
  return { worst: told[0], untold: found.filter(({ multiple }) => multiple === undefined).map(({ feature, measure }) => ({ feature, measure })) };
}

/** JSON has neither typed arrays nor infinite numbers; the latter become texts. */
export function toJson(report: WindowReport): string {
  return JSON.stringify(report, (_, value: unknown) => {
    if (value instanceof Float64Array) return [...value];
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  });
}

function judgementOptions(rules: MeasurementRules, registered: MetricValue | undefined) {
  return {
    figure: rules.metric as JudgedFigure, registered, allowedDrop: rules.allowedDrop, minimumLabels: rules.minimumLabels, minimumCoverage: rules.minimumCoverage,
  };
}
