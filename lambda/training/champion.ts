import type { ModelUnderTest } from '../../lib/data/resolve-dataset.contract';
import type { GateRules, JudgeCandidateEvent } from '../../lib/training/judge-candidate.contract';
import { DatasetError, DocumentError, printable, type Evaluation } from '../core';

export interface MeasuredChampion {
  readonly evaluation?: Evaluation;
  /** Why there is none. */
  readonly instead?: string;
  /** What a reader should know of the champion, in sentences. */
  readonly notes: readonly string[];
}

/** Standard errors by which what a champion was registered with may differ from what it reaches now, before that is said. */
const SIGMAS = 4;

/**
 * The champion by its own answers to the hold-out. One that cannot be measured is named and left out: it must not keep every better candidate
 * out. What its package says of it decides nothing.
 */
export async function measureChampion(
  { metric }: Pick<GateRules, 'metric'>, champion: ModelUnderTest | null, score: JudgeCandidateEvent['championScore'], measure: () => Promise<Evaluation | undefined>,
): Promise<MeasuredChampion> {
  if (champion === null) return { notes: [] };
  if (score.status === 'failed') return without(champion, reasonOf(score.cause ?? ''));
  let evaluation: Evaluation | undefined;
  try {
    evaluation = await measure();
  } catch (error) {
    if (!(error instanceof DocumentError || error instanceof DatasetError)) throw error;
    return without(champion, error.message);
  }
  return { evaluation, notes: noteOn(metric, champion, evaluation) };
}

function without({ packageArn }: ModelUnderTest, reason: string): MeasuredChampion {
  return { instead: `the champion ${packageArn} was left out, since its answers to the hold-out could not be measured: ${printable(reason)}`, notes: [] };
}

function noteOn(metric: string, { packageArn, registered }: ModelUnderTest, evaluation: Evaluation | undefined): readonly string[] {
  const now = evaluation?.metrics[metric];
  if (!now || registered?.metric !== metric) return [];
  // Two hold-outs of about the same size: the error of the difference is that of one, times the root of two.
  const tolerance = SIGMAS * Math.SQRT2 * (now.standardDeviation ?? 0);
  if (Math.abs(registered.value - now.value) <= tolerance) return [];
  return [`the champion ${packageArn} was registered with ${metric} ${shown(registered.value)}, and reaches ${shown(now.value)} on this hold-out`];
}

/** Of a job its failure reason; a sentence as it is. */
function reasonOf(cause: string): string {
  try {
    const { FailureReason: reason } = JSON.parse(cause) as { FailureReason?: string };
    return reason ?? cause;
  } catch {
    return cause;
  }
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
