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

/** The newest window whose labels are enough for figures. */
export function newestLabelled(reports: readonly WindowReport[], { rules, registered }: ReportContext): WindowReport | undefined {
  return reports.findLast(({ counts }) => hasEnoughLabels(counts, judgementOptions(rules, registered)));
}

/** How far the worst measure is beyond its limit, in the newest window in which all that have one can be told. */
export function biasMultiple(reports: readonly WindowReport[]): { readonly window: string; readonly multiple: number } | undefined {
  for (const { window, bias = [] } of [...reports].reverse()) {
    const multiples = bias.flatMap(({ limits }) => limits.map(({ multiple }) => multiple));
    if (multiples.length > 0 && multiples.every((multiple) => multiple !== undefined)) return { window: window.start, multiple: Math.max(...multiples) };
  }
  return undefined;
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
