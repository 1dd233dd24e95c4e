import { QUALITY_METRICS } from '../../../lib/monitoring/quality-monitor.contract';
import type { Measurement } from '../../adapters/metrics';
import type { WindowReport } from './window-report';

/** What a run has to say in metrics: figures of the window that was judged, and no figure where there are not labels enough for any. */
export function qualityMeasurements(judged: WindowReport | undefined, newest: WindowReport | undefined, bias: number | undefined): Measurement[] {
  const figures = judged?.figures;
  const named: Partial<Record<keyof typeof QUALITY_METRICS, number | undefined>> = {
    ...(figures && 'auc' in figures && {
      accuracy: figures.accuracy, precision: figures.precision, recall: figures.recall, f1: figures.f1, aucLower: figures.auc.lower, aucUpper: figures.auc.upper,
      logLoss: figures.logLoss, brier: figures.brier, calibrationError: figures.calibrationError,
    }),
    ...(figures && 'mae' in figures && { mae: figures.mae, rmse: figures.rmse, r2: figures.r2 }),
    labelCoverage: coverage(judged ?? newest),
    drift: judged?.multiple,
    insufficient: judged?.multiple === undefined ? 1 : 0,
    bias,
  };
  return (Object.entries(named) as Array<[keyof typeof QUALITY_METRICS, number | undefined]>)
    .flatMap(([name, value]) => (value === undefined ? [] : [{ name: QUALITY_METRICS[name], value }]));
}

function coverage(report: WindowReport | undefined): number | undefined {
  return report && report.predictions > 0 ? report.labelled / report.predictions : undefined;
}
