import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, EVALUATION_FILE, HOLDOUT_FOLDER, PREDICTIONS_FILE } from '../../lib/data/artifact-keys.contract';
import { JUDGE_CANDIDATE_ENV, type BiasRules, type GateRules, type JudgeCandidateEvent, type JudgeCandidateResult } from '../../lib/training/judge-candidate.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { listObjects, readText, s3Uri, streamObject, writeJson } from '../adapters/objects';
import { clarifyReport, csvRows, judgeBias, judgeCandidate, parseEvaluation, tallyHoldout, type BiasFacet, type BiasJudgement, type Evaluation, type RowSource } from '../core';
import { readEvaluationFile } from './evaluation-file';

/** Decides whether a candidate may be registered: good enough, and better than the champion on the same hold-out. */
export const handler = lazyHandler<JudgeCandidateEvent, JudgeCandidateResult>(() => {
  const env = JUDGE_CANDIDATE_ENV.read(process.env);
  const gate = JSON.parse(env.GATE) as GateRules;
  const bucket = env.ARTIFACTS_BUCKET;
  const s3 = new S3Client();
  const logger = new Logger({ serviceName: 'judge-candidate' });

  async function evaluationOf(run: string, role: 'candidate' | 'champion'): Promise<Evaluation> {
    const key = `${ARTIFACT_KEYS.evaluation(run, role)}${EVALUATION_FILE}`;
    return parseEvaluation(await readEvaluationFile({ bucket, key }, (at) => readText(s3, at)), s3Uri(bucket, key));
  }

  /** On the same rows of the hold-out as the metrics; the report of it is what the registry shows. */
  async function biasOf(run: string, rules: BiasRules): Promise<BiasJudgement> {
    const rowsOf = (key: string): RowSource => csvRows({ name: s3Uri(bucket, key), open: () => streamObject(s3, { bucket, key }) });
    const holdout: RowSource[] = [];
    for await (const { Key } of listObjects(s3, bucket, `${ARTIFACT_KEYS.snapshot(run)}${HOLDOUT_FOLDER}`)) holdout.push(rowsOf(Key));
    const facets = rules.facets as unknown as BiasFacet[];
    const label = env.LABEL_COLUMN!;
    const tallies = await readEvaluationFile({ bucket, key: `${ARTIFACT_KEYS.evaluation(run, 'candidate')}${PREDICTIONS_FILE}` },
      ({ key }) => tallyHoldout({ holdout, predictions: rowsOf(key), label, facets, threshold: rules.threshold }));
    const judged = judgeBias(facets, tallies, rules);
    await writeJson(s3, { bucket, key: ARTIFACT_KEYS.biasReport(run) }, clarifyReport(label, rules.favourableLabel, judged.facets));
    return judged;
  }

  return async ({ run, hasChampion }) => {
    const judgement = judgeCandidate({
      candidate: await evaluationOf(run, 'candidate'),
      champion: hasChampion ? await evaluationOf(run, 'champion') : undefined,
      metric: gate.metric, threshold: gate.threshold, higherIsBetter: gate.direction === 'maximize',
    });
    const bias = gate.bias && await biasOf(run, gate.bias);
    const goodEnough = judgement.reachesThreshold && (bias?.ok ?? true);
    const result: JudgeCandidateResult = {
      verdict: !goodEnough ? 'below-threshold' : judgement.verdict === 'accept' ? 'accepted' : 'champion-kept',
      // What was not reached comes first: whoever reads it may cut it short.
      reason: (bias?.ok === false ? [...bias.reasons, ...judgement.reasons] : [...judgement.reasons, ...bias?.reasons ?? []]).join('; '),
      candidateValue: judgement.candidate, championValue: judgement.champion ?? null,
    };
    await writeJson(s3, { bucket, key: ARTIFACT_KEYS.judgement(run) }, { ...result, gate, ...(bias && { bias: bias.facets }) });
    logger.info('judged', { run, ...result });
    return result;
  };
});
