/** Something the loop is expected to do, by name, did not happen. */
export class Unmet extends Error {
  constructor(readonly expectation: string, readonly detail: string) {
    super(`${expectation}: ${detail}`);
    this.name = 'Unmet';
  }
}

/** `expectation` says what should be so, `otherwise` what is so instead. */
export function expectThat(expectation: string, holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Unmet(expectation, otherwise);
}

export function expectEqual<T>(expectation: string, actual: T, wanted: T): void {
  const shown = (value: unknown) => JSON.stringify(value) ?? 'nothing';
  expectThat(expectation, shown(actual) === shown(wanted), `it is ${shown(actual)}, wanted is ${shown(wanted)}`);
}
