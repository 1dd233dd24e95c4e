/** What was expected did not happen. */
export class NotSeen extends Error {}

/** Prints each expectation and what was seen. */
export class Log {
  constructor(private readonly write: (line: string) => void) {}

  line(text: string): void {
    this.write(text);
  }

  /** Throws unless what was seen is what was expected. */
  expect(expected: string, holds: boolean, saw: string): void {
    this.write(`   expected: ${expected}\n   saw:      ${saw}`);
    if (!holds) throw new NotSeen(`expected: ${expected}; saw: ${saw}`);
  }
}
