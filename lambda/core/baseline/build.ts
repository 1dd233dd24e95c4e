import { DatasetError } from '../errors';
import { Bins, binCount, OffsetScale } from '../statistics/bins';
import { Column, ColumnReader, ColumnType, INVALID, MISSING } from '../statistics/column';
import { Baseline, BaselineColumn, BaselineWindow, predictionOf, windowOf } from './baseline';
import { chooseEdges, groupNominal, groupOrdinal } from './edges';
import { hashBaseline } from './identity';
import { ColumnHistory, learnNull } from './learned-null';
import { DatasetProfile, profileOf } from './profile';
import { provisionalPrediction } from './prediction';
import { RowSource } from './rows';
import { CATEGORIES, ColumnSurvey, EXACT_VALUES } from './survey';
import { DatasetTable, openTable } from './table';

export interface BaselineOptions {
  readonly sources: readonly RowSource[];
  /** The column to be predicted; never a feature. */
  readonly label?: string;
  /** The column with each row's event time; never a feature. Without it nothing can be learned about rhythm. */
  readonly time?: string;
  readonly ignore?: readonly string[];
  /**
   * The features in the order of the endpoint's payload.
   * @default - every other column, in the order of the header
   */
  readonly features?: readonly string[];
  readonly window?: { readonly lengthSeconds: number; readonly cellSeconds?: number };
}

/** Builds a baseline by reading the data twice: once to choose the bins, once to count. Memory does not grow with the rows. */
export async function buildBaseline(options: BaselineOptions): Promise<{ baseline: Baseline; profile: DatasetProfile }> {
  const window = windowOf(options.window);
  const table = await openTable(options);
  const survey = await surveyTable(table);
  const columns = survey.features.map(chooseColumn);
  const profile = profileOf(survey, table);
  survey.features.forEach((column) => column.release());
  const counted = await count(table, columns, window, survey.firstTime, survey.lastTime);
  if (counted.rows !== survey.rows) {
    throw new DatasetError('changed-between-passes', options.sources[0]!.name, undefined,
      `the data had ${survey.rows} rows at first and ${counted.rows} at second reading; pin the objects to a version`);
  }
  const content = { rows: counted.rows, window, columns: [...counted.columns, provisionalPrediction()] };
  return { baseline: identified(content), profile };
}

/** The same baseline with the distribution of the model's scores, which are one column of a table of their own. */
export async function addPredictionBaseline(
  baseline: Baseline,
  options: { readonly sources: readonly RowSource[]; readonly column: string; readonly time?: string },
): Promise<Baseline> {
  const { baseline: scores } = await buildBaseline({
    sources: options.sources, features: [options.column], time: options.time, window: baseline.window,
  });
  const prediction: BaselineColumn = { ...scores.columns[0]!, name: predictionOf(baseline).name };
  return identified({ ...baseline, columns: [...baseline.columns.slice(0, -1), prediction] });
}

function identified(content: Omit<Baseline, 'hash' | 'cellSeconds'>): Baseline {
  const { rows, window, columns } = content;
  return { hash: hashBaseline({ rows, window, columns }), cellSeconds: window.cellSeconds, rows, window, columns };
}

export interface TableSurvey {
  readonly rows: number;
  readonly features: readonly ColumnSurvey[];
  readonly label?: ColumnSurvey;
  readonly firstTime?: number;
  readonly lastTime?: number;
}

/** Numbers kept in the first pass over all columns together: 32 million, 256 MB. */
const SAMPLE_BUDGET = 32_000_000;

async function surveyTable(table: DatasetTable): Promise<TableSurvey> {
  const limit = Math.min(EXACT_VALUES, Math.floor(SAMPLE_BUDGET / table.features.length));
  const features = table.features.map((name) => new ColumnSurvey(name, limit));
  const label = table.label === undefined ? undefined : new ColumnSurvey(table.label);
  let rows = 0;
  let firstTime: number | undefined;
  let lastTime: number | undefined;
  for await (const row of table.rows()) {
    rows++;
    for (let i = 0; i < features.length; i++) features[i]!.add(row.value(i));
    label?.add(row.label());
    const time = row.time();
    if (time !== undefined) {
      if (firstTime === undefined || time < firstTime) firstTime = time;
      if (lastTime === undefined || time > lastTime) lastTime = time;
    }
  }
  if (rows === 0) throw new DatasetError('no-rows', table.name, undefined, 'no rows below the header; check that the right objects were given and that they are complete');
  return { rows, features, label, firstTime, lastTime };
}

function chooseColumn(survey: ColumnSurvey): { name: string; type: ColumnType; bins: Bins } {
  const { name, type } = survey;
  if (type === 'numeric' || type === 'integer') return { name, type, bins: { kind: 'ordinal', edges: chooseEdges(survey.sortedNumbers()) } };
  if (type === 'boolean') return { name, type, bins: { kind: 'nominal', values: ['false', 'true'] } };
  // A text with many values: those frequent enough to be counted on, all others together.
  const frequent = survey.categories().filter(({ count }) => type === 'categorical' || count >= Math.max(20, survey.rows / 1000));
  return { name, type, bins: { kind: 'nominal', values: frequent.slice(0, CATEGORIES).map(({ value }) => value) } };
}

/** Counts per time cell, all columns' bins in one array; at most so many numbers, of the most recent cells. */
const HISTORY_BUDGET = 32_000_000;

interface Counted {
  readonly rows: number;
  readonly columns: readonly BaselineColumn[];
}

type Chosen = ReturnType<typeof chooseColumn>;

async function count(table: DatasetTable, chosen: readonly Chosen[], window: BaselineWindow, firstTime?: number, lastTime?: number): Promise<Counted> {
  const tallies = chosen.map((column) => new ColumnTally(column));
  const bins = tallies.reduce((sum, tally) => sum + tally.counts.length, 0);
  const cellOf = (time: number) => Math.floor(time / (window.cellSeconds * 1000));
  const lastCell = lastTime === undefined ? 0 : cellOf(lastTime);
  const firstCell = firstTime === undefined ? 0 : Math.max(cellOf(firstTime), lastCell + 1 - Math.floor(HISTORY_BUDGET / bins));
  if (firstTime !== undefined) tallies.forEach((tally) => tally.keepCells(lastCell - firstCell + 1));
  let rows = 0;
  for await (const row of table.rows()) {
    rows++;
    const time = row.time();
    const cell = time === undefined ? -1 : cellOf(time) - firstCell;
    for (let i = 0; i < tallies.length; i++) tallies[i]!.add(row.value(i), cell);
  }
  const cellsPerWindow = window.lengthSeconds / window.cellSeconds;
  return { rows, columns: tallies.map((tally) => tally.finish(firstCell, cellsPerWindow)) };
}

/** Counts one column in the second pass. */
class ColumnTally {
  public readonly counts: Float64Array;
  private readonly offsets: Float64Array;
  private readonly reader: ColumnReader;
  private cells: Uint32Array[] = [];
  private missing = 0;
  private invalid = 0;
  private min = Infinity;
  private max = -Infinity;
  private mean = 0;
  private squares = 0;
  private present = 0;

  public constructor(private readonly chosen: Chosen) {
    this.counts = new Float64Array(binCount(chosen.bins));
    this.offsets = new Float64Array(this.counts.length);
    this.reader = new ColumnReader({ ...chosen, groups: new Uint8Array(0), groupCount: 0 });
  }

  public keepCells(count: number): void {
    this.cells = Array.from({ length: count }, () => new Uint32Array(this.counts.length));
  }

  public add(text: string, cell: number): void {
    const bin = this.reader.bin(text);
    if (bin === MISSING) this.missing++;
    else if (bin === INVALID) this.invalid++;
    else {
      this.present++;
      this.counts[bin]!++;
      const counts = this.cells[cell];
      if (counts) counts[bin]!++;
      if (this.reader.scale) this.addNumber(bin, this.reader.scale);
    }
  }

  public finish(firstCell: number, cellsPerWindow: number): BaselineColumn {
    const { counts, offsets, missing, invalid, min, max, mean, present } = this;
    const deviation = Math.sqrt(this.squares / Math.max(1, present));
    const column: Column = { ...this.chosen, ...(this.chosen.bins.kind === 'ordinal' ? groupOrdinal(counts) : groupNominal(this.chosen.bins)) };
    const history: ColumnHistory = { column, counts, offsets, deviation, cells: this.cells, firstCell };
    const learnedNull = learnNull(history, cellsPerWindow);
    this.cells = [];
    const range = Number.isFinite(min) ? { min, max, mean, deviation } : { min: 0, max: 0, mean: 0, deviation: 0 };
    return { ...column, counts, offsets, present, missing, invalid, ...range, ...(learnedNull && { learnedNull }) };
  }

  private addNumber(bin: number, scale: OffsetScale): void {
    const value = this.reader.number;
    this.offsets[bin]! += scale.offset(bin, value);
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    const delta = value - this.mean;
    this.mean += delta / this.present;
    this.squares += delta * (value - this.mean);
  }
}
