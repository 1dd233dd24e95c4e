import { seededRandom, seedOf } from '../random';
import { OffsetScale } from '../statistics/bins';
import { Column } from '../statistics/column';
import { clustering, intraclassCorrelation } from '../statistics/design-effect';
import { jensenShannon, psi } from '../statistics/distance';
import { kolmogorovSmirnov, wasserstein } from '../statistics/ordinal';
import { LearnedNull, NullAtRows, NullSpread } from './baseline';

/** One column of the whole baseline, and its bins' counts per time cell (index 0 is the first cell). */
export interface ColumnHistory {
  readonly column: Column;
  readonly counts: Float64Array;
  readonly offsets: Float64Array;
  readonly deviation: number;
  readonly cells: readonly Uint32Array[];
  readonly firstCell: number;
}

const MOST_CHUNKS = 256;
const FEWEST_WINDOWS = 4;
const SMALLEST_SAMPLE = 256;
const LARGEST_SAMPLE = 16_384;

interface Metrics {
  readonly psi: number;
  readonly ks: number;
  readonly wasserstein: number;
  readonly jensenShannon: number;
}

/**
 * Learns what is ordinary for a column from chunks of the baseline as long as a window: a weekday is constant within a day, and so
 * each day lies far from the whole, in training as in production. As the noise of a metric depends on the number of rows, each chunk
 * is measured at several sample sizes. Undefined where the baseline does not cover enough windows to tell.
 */
export function learnNull(history: ColumnHistory, cellsPerWindow: number): LearnedNull | undefined {
  const { cells } = history;
  if (cells.length < FEWEST_WINDOWS * cellsPerWindow) return undefined;
  const chunks = chunkCounts(cells, cellsPerWindow);
  const sizes = sampleSizes(chunks.map(({ rows }) => rows));
  const metrics = new Map<number, Metrics[]>(sizes.map((size) => [size, []]));
  const random = seededRandom(seedOf(history.column.name));
  const measure = measurer(history);
  for (const chunk of chunks) {
    for (const { size, counts } of subsamples(chunk, sizes, random)) metrics.get(size)!.push(measure(counts));
  }
  const grouped = cells.map((counts, i) => ({ cell: history.firstCell + i, counts: group(history.column, counts) }));
  return {
    atRows: sizes.map((rows): NullAtRows => summarise(rows, metrics.get(rows)!)),
    correlation: intraclassCorrelation(clustering(grouped)),
  };
}

interface Chunk {
  readonly counts: Float64Array;
  readonly rows: number;
}

/** Chunks spread over the whole baseline; those with less than half the usual rows (gaps, ragged ends) are no examples of a window. */
function chunkCounts(cells: readonly Uint32Array[], length: number): Chunk[] {
  const positions = cells.length - length + 1;
  const step = Math.max(1, Math.floor(positions / MOST_CHUNKS));
  const chunks: Chunk[] = [];
  for (let start = 0; start < positions; start += step) {
    const counts = new Float64Array(cells[0]!.length);
    let rows = 0;
    for (let i = start; i < start + length; i++) {
      const cell = cells[i]!;
      for (let bin = 0; bin < cell.length; bin++) {
        counts[bin]! += cell[bin]!;
        rows += cell[bin]!;
      }
    }
    chunks.push({ counts, rows });
  }
  const usual = median(chunks.map(({ rows }) => rows));
  return chunks.filter(({ rows }) => rows >= usual / 2);
}

/** Sample sizes that at least half of the chunks can give, by factors of the square root of two. */
function sampleSizes(rows: readonly number[]): number[] {
  const most = Math.min(LARGEST_SAMPLE, median(rows));
  const sizes: number[] = [];
  for (let size = SMALLEST_SAMPLE; size <= most; size *= Math.SQRT2) sizes.push(Math.round(size));
  return sizes;
}

/** Growing samples of a chunk, drawn without replacement: its rows in random order, looked at whenever a size is reached. */
function* subsamples(chunk: Chunk, sizes: readonly number[], random: () => number): Iterable<{ size: number; counts: Float64Array }> {
  const largest = sizes.filter((size) => size <= chunk.rows).at(-1);
  if (largest === undefined) return;
  const rows = new Uint16Array(chunk.rows);
  let at = 0;
  chunk.counts.forEach((count, bin) => {
    rows.fill(bin, at, at + count);
    at += count;
  });
  const counts = new Float64Array(chunk.counts.length);
  let next = 0;
  for (let drawn = 0; drawn < largest; drawn++) {
    const pick = drawn + Math.floor(random() * (rows.length - drawn));
    const bin = rows[pick]!;
    rows[pick] = rows[drawn]!;
    counts[bin]!++;
    if (drawn + 1 === sizes[next]) yield { size: sizes[next++]!, counts };
  }
}

function measurer(history: ColumnHistory): (counts: Float64Array) => Metrics {
  const { column, counts: whole, offsets } = history;
  const wholeGroups = group(column, whole);
  const edges = column.bins.kind === 'ordinal' ? column.bins.edges : undefined;
  const scale = edges && new OffsetScale(edges);
  const meanOffset = whole.map((count, bin) => (count > 0 ? offsets[bin]! / count : 0));
  return (counts) => {
    const groups = group(column, counts);
    const distance = edges && scale
      // A chunk's values are taken to lie in their bins as those of the whole baseline do.
      ? wasserstein({ counts: whole, offsets }, { counts, offsets: counts.map((count, bin) => count * meanOffset[bin]!) }, edges, scale).lower
      : 0;
    return {
      psi: psi(wholeGroups, groups).corrected,
      ks: edges ? kolmogorovSmirnov(whole, counts, edges).lower : 0,
      wasserstein: history.deviation > 0 ? distance / history.deviation : 0,
      jensenShannon: jensenShannon(wholeGroups, groups),
    };
  };
}

/** Counts of a column's groups from the counts of its bins. */
export function group(column: Column, counts: ArrayLike<number>): Float64Array {
  const groups = new Float64Array(column.groupCount);
  for (let bin = 0; bin < counts.length; bin++) groups[column.groups[bin]!]! += counts[bin]!;
  return groups;
}

function summarise(rows: number, metrics: readonly Metrics[]): NullAtRows {
  const spread = (pick: (m: Metrics) => number): NullSpread => {
    const values = metrics.map(pick);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, values.length - 1);
    return { mean, deviation: Math.sqrt(variance), maximum: Math.max(...values) };
  };
  return {
    rows,
    chunks: metrics.length,
    psi: spread((m) => m.psi),
    ks: spread((m) => m.ks),
    wasserstein: spread((m) => m.wasserstein),
    jensenShannon: spread((m) => m.jensenShannon),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
