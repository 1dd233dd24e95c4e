import { missingReferee, Referee, summary } from '../../../scripts/referee/referee';
import type { Witness } from '../../../twin';

/** A referee over the calls of a suite, and the test that asks for its verdict; where botocore is missing, a skipped test says so. */
export function refereed(): { witness: Witness | undefined; test: (title: string) => void } {
  const reason = missingReferee();
  const referee = reason === undefined ? new Referee() : undefined;
  return {
    witness: referee?.see,
    test: (title) => {
      if (referee === undefined) return test.skip(`${title}: ${reason}`, () => undefined);
      test(title, async () => {
        const verdict = await referee.verdict();
        process.stdout.write(`${summary(verdict)}\n`);
        expect(verdict.problems).toEqual([]);
        // Whoever compares nothing finds nothing.
        expect(verdict.responses).toBeGreaterThan(1000);
      }, 120_000);
    },
  };
}
