import { S3Client } from '@aws-sdk/client-s3';
import { Logger } from '@aws-lambda-powertools/logger';
import { ARTIFACT_KEYS, EVALUATION_FILE } from '../../lib/data/artifact-keys.contract';
import { JUDGE_CANDIDATE_ENV, type GateRules, type JudgeCandidateEvent, type JudgeCandidateResult } from '../../lib/training/judge-candidate.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { readText, s3Uri, writeJson } from '../adapters/objects';
import { judgeCandidate, parseEvaluation, type Evaluation } from '../core';
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

  return async ({ run, hasChampion }) => {
    const judgement = judgeCandidate({
      candidate: await evaluationOf(run, 'candidate'),
      champion: hasChampion ? await evaluationOf(run, 'champion') : undefined,
      metric: gate.metric, threshold: gate.threshold, higherIsBetter: gate.direction === 'maximize',
    });
    const result: JudgeCandidateResult = {
      verdict: judgement.verdict === 'accept' ? 'accepted' : judgement.reachesThreshold ? 'champion-kept' : 'below-threshold',
      reason: judgement.reasons.join('; '), candidateValue: judgement.candidate, championValue: judgement.champion ?? null,
    };
    await writeJson(s3, { bucket, key: ARTIFACT_KEYS.judgement(run) }, { ...result, gate });
    logger.info('judged', { run, ...result });
    return result;
  };
});
