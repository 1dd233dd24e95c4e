import { DatasetError } from '../errors';
import { RowBatch, RowSource } from './rows';
import { parseTime } from './time';

/** One row at a time; the object is the same for every row. */
export interface TableRow {
  /** The text of the i-th feature. */
  value(feature: number): string;
  /** The text of the label column, '' if there is none. */
  label(): string;
  /** The event time in milliseconds, undefined if there is no time column. */
  time(): number | undefined;
}

export interface TableOptions {
  readonly sources: readonly RowSource[];
  readonly label?: string;
  readonly time?: string;
  readonly ignore?: readonly string[];
  readonly features?: readonly string[];
}

/** A dataset of one or more objects with the same columns, of which some are features. */
export class DatasetTable {
  public readonly label?: string;
  public readonly time?: string;

  private constructor(
    private readonly options: TableOptions,
    public readonly name: string,
    private readonly header: readonly string[],
    public readonly features: readonly string[],
  ) {
    this.label = options.label;
    this.time = options.time;
  }

  public static create(options: TableOptions, name: string, header: readonly string[]): DatasetTable {
    const roles = [
      ...(options.label === undefined ? [] : [{ role: 'label', column: options.label }]),
      ...(options.time === undefined ? [] : [{ role: 'time', column: options.time }]),
      ...(options.features ?? []).map((column) => ({ role: 'feature', column })),
    ];
    const absent = roles.filter(({ column }) => !header.includes(column));
    if (absent.length > 0) {
      throw new DatasetError('missing-column', name, 1, `there is no ${absent.map(({ role, column }) => `${role} column ${column}`).join(', no ')};`
        + ` the header names ${header.slice(0, 30).join(', ')}; name the columns as the dataset does, or add them to the data`);
    }
    const excluded = new Set([options.label, options.time, ...(options.ignore ?? [])]);
    const features = options.features ?? header.filter((column) => !excluded.has(column));
    if (features.length === 0) throw new DatasetError('no-features', name, 1, 'no column is left as a feature; ignore fewer columns');
    return new DatasetTable(options, name, header, features);
  }

  public async *rows(): AsyncIterable<TableRow> {
    for (const source of this.options.sources) {
      for await (const batch of source.read()) yield* this.rowsOf(source, batch);
    }
  }

  private *rowsOf(source: RowSource, batch: RowBatch): Iterable<TableRow> {
    if (batch.columns !== this.header && batch.columns.join('\0') !== this.header.join('\0')) {
      throw new DatasetError('header-mismatch', source.name, 1, `the columns differ from those of ${this.name}; give every object the same columns in the same order`);
    }
    const positions = this.features.map((feature) => this.header.indexOf(feature));
    const label = this.label === undefined ? -1 : this.header.indexOf(this.label);
    const time = this.time === undefined ? -1 : this.header.indexOf(this.time);
    let at = 0;
    let fields: readonly string[] = [];
    const row: TableRow = {
      value: (feature) => fields[positions[feature]!]!,
      label: () => (label < 0 ? '' : fields[label]!),
      time: () => (time < 0 ? undefined : eventTime(source.name, batch.lines[at]!, fields[time]!, this.time!)),
    };
    for (; at < batch.rows.length; at++) {
      fields = batch.rows[at]!;
      yield row;
    }
  }
}

function eventTime(object: string, line: number, text: string, column: string): number {
  const time = parseTime(text);
  if (time === undefined) {
    throw new DatasetError('bad-time', object, line, `column ${column} holds no time; write ISO 8601 such as 2026-02-01T13:00:00Z, or seconds since 1970`);
  }
  return time;
}

/** Reads the header of the first source that has rows and settles which column plays which part. */
export async function openTable(options: TableOptions): Promise<DatasetTable> {
  if (options.sources.length === 0) throw new DatasetError('no-sources', 'dataset', undefined, 'there is no object to read; give at least one');
  for (const source of options.sources) {
    for await (const batch of source.read()) return DatasetTable.create(options, source.name, batch.columns);
  }
  throw new DatasetError('no-rows', options.sources[0]!.name, undefined,
    'no rows below the header; check that the right objects were given and that they are complete');
}
