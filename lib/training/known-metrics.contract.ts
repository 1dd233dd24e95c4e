export type MetricTask = 'binary-classification' | 'regression';

export interface KnownMetric {
  readonly task: MetricTask;
  readonly direction: 'maximize' | 'minimize';
  /** No model can be beyond them. */
  readonly minimum: number;
  readonly maximum: number;
}

const share = (direction: KnownMetric['direction']): KnownMetric => ({ task: 'binary-classification', direction, minimum: 0, maximum: 1 });
const loss = (task: MetricTask): KnownMetric => ({ task, direction: 'minimize', minimum: 0, maximum: Infinity });

/** Metrics that the library computes itself, from labels and a model's answers; every other name is a metric of the project's own. */
export const KNOWN_METRICS: Readonly<Record<string, KnownMetric>> = {
  accuracy: share('maximize'), precision: share('maximize'), recall: share('maximize'), f1: share('maximize'), auc: share('maximize'),
  log_loss: loss('binary-classification'), brier: share('minimize'),
  mae: loss('regression'), mse: loss('regression'), rmse: loss('regression'),
  r2: { task: 'regression', direction: 'maximize', minimum: -Infinity, maximum: 1 },
};

export function knownMetric(name: string): KnownMetric | undefined {
  return Object.hasOwn(KNOWN_METRICS, name) ? KNOWN_METRICS[name] : undefined;
}

export function metricsOf(task: MetricTask): string[] {
  return Object.keys(KNOWN_METRICS).filter((name) => KNOWN_METRICS[name]!.task === task);
}
