import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, EVALUATION_FILE } from '../../lib/data/artifact-keys.contract';
import type { DatasetDescription } from '../../lib/data/resolve-dataset.contract';
import { JUDGE_CANDIDATE_ENV, type GateRules, type JudgeCandidateEvent, type JudgeCandidateResult } from '../../lib/training/judge-candidate.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { readText, s3Uri, writeJson } from '../adapters/objects';
import {
  answeredHoldout, clarifyReport, judgeBias, judgeCandidate, measureAnswers, parseEvaluation,
  type AnsweredHoldout, type BiasFacet, type BiasJudgement, type Evaluation, type MetricValue,
} from '../core';
import { answeredParts } from './answered-parts';
import { measureChampion } from './champion';
import { readEvaluationFile } from './evaluation-file';
import { evaluationDocument, taskOf } from './measured';

/** Decides whether a candidate may be registered: good enough, and better than the champion on the same hold-out, by what the judge itself has measured. */
export const handler = lazyHandler<JudgeCandidateEvent, JudgeCandidateResult>(() => {
  const env = JUDGE_CANDIDATE_ENV.read(process.env);
  const gate = JSON.parse(env.GATE) as GateRules;
  const { labelColumn: label, timeColumn, ignoredColumns } = JSON.parse(env.DATASET) as DatasetDescription;
  const notFeatures = new Set([label, timeColumn, ...ignoredColumns]);
  const facets = (gate.bias?.facets ?? []) as unknown as BiasFacet[];
  const bucket = env.ARTIFACTS_BUCKET;
  const s3 = new S3Client();
  const logger = new Logger({ serviceName: 'judge-candidate' });

  async function answersOf(run: string, role: 'candidate' | 'champion'): Promise<AnsweredHoldout> {
    const parts = await answeredParts({ s3, bucket, run, role, of: 'holdout' });
    return answeredHoldout({ parts, label, notFeatures, ...(role === 'candidate' && { facets, threshold: gate.bias?.threshold }) });
  }

  function measured({ labels, scores }: AnsweredHoldout): Evaluation | undefined {
    const task = taskOf(gate, labels);
    return task && measureAnswers({ task, labels, scores, column: label });
  }

  /** The project's own metrics that are asked for; nobody else has measured them. */
  async function customOf(run: string): Promise<Record<string, MetricValue>> {
    if (gate.customMetrics.length === 0) return {};
    const key = `${ARTIFACT_KEYS.customEvaluation(run)}${EVALUATION_FILE}`;
    const found = parseEvaluation(await readEvaluationFile({ bucket, key }, (at) => readText(s3, at)), s3Uri(bucket, key));
    return Object.fromEntries(gate.customMetrics.flatMap((name) => (Object.hasOwn(found.metrics, name) ? [[name, found.metrics[name]!]] : [])));
  }

  /** On the same rows of the hold-out as the metrics; the report of it is what the registry shows. */
  async function biasOf(run: string, { tallies }: AnsweredHoldout): Promise<BiasJudgement | undefined> {
    if (!gate.bias) return undefined;
    const judged = judgeBias(facets, tallies, gate.bias);
    await writeJson(s3, { bucket, key: ARTIFACT_KEYS.biasReport(run) }, clarifyReport(label, gate.bias.favourableLabel, judged.facets));
    return judged;
  }

  return async ({ run, champion, championScore, notes }) => {
    const answers = await answersOf(run, 'candidate');
    const candidate = measured(answers);
    const custom = await customOf(run);
    const own = { metrics: custom, rows: answers.labels.length };
    const against = await measureChampion(gate, champion, championScore, async () => measured(await answersOf(run, 'champion')));
    const judgement = judgeCandidate({
      candidate: gate.custom ? own : candidate!, champion: gate.custom ? undefined : against.evaluation,
      withoutChampion: gate.custom ? `${gate.metric} is measured by the project itself, on its training rows, so it was not compared with the champion's` : against.instead,
      metric: gate.metric, threshold: gate.threshold, higherIsBetter: gate.direction === 'maximize',
    });
    const bias = await biasOf(run, answers);
    const goodEnough = judgement.reachesThreshold && (bias?.ok ?? true);
    const others = Object.entries(custom).filter(([name]) => name !== gate.metric).map(([name, { value }]) => `${name} ${Number(value.toPrecision(4))}`);
    const result: JudgeCandidateResult = {
      verdict: !goodEnough ? 'below-threshold' : judgement.verdict === 'accept' ? 'accepted' : 'champion-kept',
      // What was not reached comes first: whoever reads it may cut it short.
      reason: [
        ...(bias?.ok === false ? [...bias.reasons, ...judgement.reasons] : [...judgement.reasons, ...bias?.reasons ?? []]),
        ...against.notes, ...(notes === '' ? [] : [notes]), ...(others.length > 0 ? [`by the project's own word ${others.join(', ')}`] : []),
      ].join('; '),
      metric: gate.metric, candidateValue: judgement.candidate, championValue: judgement.champion ?? null,
    };
    await writeJson(s3, { bucket, key: ARTIFACT_KEYS.evaluation(run) }, evaluationDocument(candidate ?? { metrics: {}, rows: answers.labels.length }, custom));
    await writeJson(s3, { bucket, key: ARTIFACT_KEYS.judgement(run) }, { ...result, gate, ...(bias && { bias: bias.facets }) });
    logger.info('judged', { run, ...result });
    return result;
  };
});
