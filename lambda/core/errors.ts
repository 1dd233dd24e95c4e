/** What is wrong with a dataset, as a code a caller can branch on. */
export type DatasetFault =
  | 'no-sources'
  | 'no-header'
  | 'duplicate-column'
  | 'header-mismatch'
  | 'ragged-row'
  | 'missing-column'
  | 'not-utf8'
  | 'unclosed-quote'
  | 'row-too-long'
  | 'too-many-columns'
  | 'unpacks-too-large'
  | 'not-json'
  | 'not-parquet'
  | 'other-format'
  | 'row-group-too-large'
  | 'bad-time'
  | 'no-rows'
  | 'no-features'
  | 'changed-between-passes';

/** A training or scoring dataset that cannot be used. Names object and line and the fix, never a value of the data. */
export class DatasetError extends Error {
  public override readonly name = 'DatasetError';

  public constructor(
    public readonly code: DatasetFault,
    public readonly object: string,
    public readonly line: number | undefined,
    detail: string,
  ) {
    super(printable(line === undefined ? `${object}: ${detail}` : `${object}, line ${line}: ${detail}`));
  }
}

/**
 * Text with every character that a terminal or a mail would act on (escapes, controls, line ends, marks of direction, invisible ones) as its
 * number. Whoever writes data or models chooses names and messages; they must not look like lines of ours.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}

/** Two accumulators, or an accumulator and a baseline, that must not be combined. */
export class MergeError extends Error {
  public override readonly name = 'MergeError';

  public constructor(public readonly code: 'foreign-baseline' | 'duplicate-object' | 'corrupt', message: string) {
    super(message);
  }
}

/** A document (baseline, evaluation, state) that does not have the shape its reader needs. */
export class DocumentError extends Error {
  public override readonly name = 'DocumentError';

  public constructor(public readonly document: string, detail: string) {
    super(printable(`${document}: ${detail}`));
  }
}
