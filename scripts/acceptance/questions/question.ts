import type { Run } from '../run';

export interface Answer {
  readonly answer: string;
  /** What the account said. */
  readonly evidence: string;
}

/** Why a question has no answer in this run. */
export class NotAnswered extends Error {}

/** An open question of docs/unproven.md, by the name of its entry. */
export interface Question {
  readonly name: string;
  /** What asking changes: questions that change the same are asked one after another. `endpoint` is the endpoint and whether its image can be pulled. */
  readonly changes: 'nothing' | 'endpoint' | 'training';
  /** Throws NotAnswered, with the reason, if this run cannot tell. */
  ask(run: Run): Promise<Answer>;
}

/** A question that a run of this size cannot answer, and why. */
export function notInARun(name: string, reason: string): Question {
  return { name, changes: 'nothing', ask: async () => { throw new NotAnswered(reason); } };
}
