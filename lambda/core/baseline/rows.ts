/** A stored object; opened once per pass over the data. Its bytes come decompressed. */
export interface ObjectSource {
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

/** Rows of one object: values as text, in the order of `columns`. */
export interface RowBatch {
  readonly columns: readonly string[];
  /** The line each row starts on, for error messages. */
  readonly lines: readonly number[];
  readonly rows: readonly (readonly string[])[];
}

/** Something a dataset's rows can be read from, any number of times. */
export interface RowSource {
  readonly name: string;
  read(): AsyncIterable<RowBatch>;
}
