import { DriftReport } from './report';

/**
 * The decision rules of other tools, on our metrics, for a team that comes from one of them and wants to see the same verdicts.
 * Each keeps its tool's threshold and its blindness to rhythm; the default policy is what we advise.
 */
export interface Preset {
  readonly name: 'model-monitor' | 'evidently' | 'nannyml';
  /** The names of the features it calls drifted. */
  drifted(report: DriftReport): readonly string[];
  /** Whether it calls the whole dataset drifted. */
  alarms(report: DriftReport): boolean;
}

/** Deequ's robust L-infinity distance: what of the distance is more than samples of these sizes differ by chance (once in 300). */
export function robustDistance(simple: number, rows: number, otherRows: number, c = 1.8): number {
  return Math.max(0, simple - c * Math.sqrt((rows + otherRows) / (rows * otherRows)));
}

/** Deequ's constant for another chance than 0.003. */
export function robustConstant(alpha: number): number {
  return Math.sqrt(-Math.log(alpha / 2) / 2);
}

/** Model Monitor: a feature drifts beyond 0.1, robust for numbers, the largest difference of a share for categories; one is enough. */
export function modelMonitorPreset(options: { baselineRows: number; threshold?: number; method?: 'Robust' | 'Simple' }): Preset {
  const { baselineRows, threshold = 0.1, method = 'Robust' } = options;
  return preset('model-monitor', 0, ({ metrics, rows }) => {
    const simple = metrics.ks?.lower ?? metrics.largestShareDifference ?? 0;
    return (method === 'Robust' && metrics.ks ? robustDistance(simple, Math.max(1, rows), Math.max(1, baselineRows)) : simple) > threshold;
  });
}

/** Evidently, above 1000 reference rows: Wasserstein over the reference's deviation or Jensen-Shannon from 0.1; half of the columns. */
export function evidentlyPreset(options: { threshold?: number; driftShare?: number } = {}): Preset {
  const { threshold = 0.1, driftShare = 0.5 } = options;
  // Evidently's Jensen-Shannon distance uses the natural logarithm, ours base 2.
  return preset('evidently', driftShare, ({ metrics }) => (metrics.wasserstein ? metrics.wasserstein.lower : metrics.jensenShannon * Math.sqrt(Math.LN2)) >= threshold);
}

/** NannyML: a metric beyond its mean and three standard deviations over chunks of the reference; one feature is enough. */
export function nannymlPreset(): Preset {
  return preset('nannyml', 0, ({ metrics, ordinary }) => ordinary !== undefined && (metrics.jensenShannon > ordinary.jensenShannon
    || (metrics.wasserstein !== undefined && metrics.wasserstein.lower > ordinary.wasserstein)));
}

function preset(name: Preset['name'], share: number, rule: (feature: DriftReport['features'][number]) => boolean): Preset {
  const drifted = (report: DriftReport) => report.features.filter((feature) => feature.rows > 0 && rule(feature)).map((feature) => feature.name);
  return { name, drifted, alarms: (report) => drifted(report).length > 0 && drifted(report).length >= share * report.features.length };
}
