export * from './errors';
export { buildBaseline, addPredictionBaseline, type BaselineOptions } from './baseline/build';
export { type Baseline, type BaselineColumn, type BaselineWindow, DAY_SECONDS, featuresOf, predictionOf } from './baseline/baseline';
export { readForeignBaseline } from './baseline/foreign-baseline';
export { importModelMonitor } from './baseline/import-model-monitor';
export { csvRows } from './baseline/csv-rows';
export { jsonLinesRows } from './baseline/json-rows';
export { type BaselineDocuments, parseBaseline, serializeBaseline } from './baseline/model-monitor';
export type { DatasetProfile } from './baseline/profile';
export type { ObjectSource, RowBatch, RowSource } from './baseline/rows';
export { parseTime } from './baseline/time';
export { firstByte, type LineRange } from './capture/lines';
export type { ScanAudit } from './capture/line-counter';
export { type CapturedPayload, type CapturedRecord, parseRecord } from './capture/record';
export type { PredictionPlace } from './capture/rows';
export { type CaptureObject, scanCapture, type ScanOptions } from './capture/scan';
export { DEFAULT_DRIFT_POLICY, type DriftPolicy } from './policy/drift-policy';
export { evaluateWindow, type WindowEvaluation } from './policy/evaluate-window';
export { type Evaluation, metricOf, type MetricValue, parseEvaluation } from './policy/evaluation';
export { judgeCandidate, type Judgement, type JudgeOptions } from './policy/judge';
export { criticalFeatureDrift, type DriftMetric, reportMetrics, violationsDocument } from './policy/metrics';
export { modelMonitorFigures, type ModelMonitorFigure } from './policy/model-monitor-figures';
export { checkQuality, type QualityPolicy, type QualityVerdict } from './policy/quality';
export type { ColumnMetrics, ColumnReport, DriftReport, DriftState, Violation } from './policy/report';
export {
  asStarted, decideRetraining, DEFAULT_RETRAINING_POLICY, type RetrainingCircumstances, type RetrainingDecision, type RetrainingPolicy, type RetrainingState,
} from './policy/retraining';
export { Accumulator, type ColumnCounts } from './statistics/accumulator';
export { decodeAccumulator, encodeAccumulator } from './statistics/accumulator-codec';
export type { ObjectRange } from './statistics/manifest';
export type { RejectReason } from './statistics/rejects';
export { type EvidentlyRule, type ModelMonitorRule, type Preset, robustConstant, robustDistance } from './policy/presets';
export { biasMetrics, type BiasMetrics, conditionalDisparity, type GroupCounts } from './quality/bias';
export {
  addScoreSums, areaUnderCurve, type CalibrationBin, classificationMetrics, type ClassificationMetrics, type Confusion, probabilityMetrics, scoreSums, type ScoreSums,
} from './quality/classification';
export { addRegressionSums, NO_REGRESSION, regressionMetrics, regressionSums, type RegressionSums } from './quality/regression';
export { renderReport } from './report/html';
export { deequChiSquared, deequStabilityIndex, type DeequTest } from './policy/deequ';
export { judgeQuality, hasEnoughLabels, type QualityJudgement, type QualityJudgementOptions } from './policy/judge-quality';
export { type FigureBounds, figureBounds, type JudgedFigure, JUDGED_FIGURES } from './quality/certainty';
export { FacetReader, type FacetRule, MOST_FACETS } from './quality/ground-truth/facets';
export { type JoinedAnswer, type JoinedRow, LabelJoin } from './quality/ground-truth/join';
export { answerLines, labelLines, rowsOfLines, type RowsOfLine } from './quality/ground-truth/lines';
export { readRowFile, RowFileWriter, rowsInFile, type TimedRow } from './quality/ground-truth/row-file';
export { addFacetTallies, type BiasFacet, type BiasOptions, facetBias, type FacetBias, type FacetTally, limitMultiple, tallyFacets } from './quality/ground-truth/window-bias';
export { type JoinRow, labelRows, partitionOf, predictionRows } from './quality/ground-truth/records';
export { addWindowQuality, classifierFigures, type QualityFigures, regressionFigures, type WindowQuality, windowQuality } from './quality/ground-truth/window-quality';
