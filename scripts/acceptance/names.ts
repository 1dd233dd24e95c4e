import { randomInt } from 'node:crypto';
import { RUN_TAG } from './app-settings';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Everything that a run makes carries its id, so that a run that crashed can be cleaned up by the id alone. */
export interface Names {
  readonly run: string;
  readonly stack: string;
  readonly toolkit: string;
  /** Of the bootstrapped environment: in the names of its bucket, repository and roles. */
  readonly qualifier: string;
  /** What the program itself makes, to ask and to record. */
  readonly probe: string;
  /** For the command line. */
  readonly tag: string;
  /** For calls. */
  readonly tags: ReadonlyArray<{ readonly Key: string; readonly Value: string }>;
}

export function newRun(): string {
  return Array.from({ length: 6 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

export function namesOf(run: string): Names {
  // Names that the loop derives from its stack's keep letters and digits only.
  return { run, stack: `acc${run}`, toolkit: `toolkit-acc${run}`, qualifier: `acc${run}`, probe: `probe-acc${run}`, tag: `${RUN_TAG}=${run}`, tags: [{ Key: RUN_TAG, Value: run }] };
}
