import { Value } from '../statistics/column';
import { RejectReason } from '../statistics/rejects';
import { PayloadRow, payloadRows } from './payload';
import { CapturedPayload } from './record';
import { PredictionPlace, predictionValue } from './rows';

/** The model's answers in a payload, one for each row that was asked; none where the answer was not captured. */
export function answersOf(output: CapturedPayload | undefined, requested: number, place: PredictionPlace): readonly Value[] | RejectReason {
  if (!output) return [];
  const rows = payloadRows(output);
  if (typeof rows === 'string') return rows;
  const answers: Value[] = [];
  for (const row of scoreRows(rows, requested)) {
    const answer = predictionValue(row, place);
    if (typeof answer === 'string') return answer;
    answers.push(answer.value);
  }
  return answers;
}

/** One line of as many values as the request had rows, such as XGBoost's `0.2,0.7`, is one score for each row. */
function scoreRows(rows: readonly PayloadRow[], requested: number): readonly PayloadRow[] {
  const only = rows.length === 1 ? rows[0]! : undefined;
  return requested > 1 && Array.isArray(only) && only.length === requested ? (only as readonly Value[]).map((value) => [value]) : rows;
}
