import { Accumulator } from '../../statistics/accumulator';
import { FURTHEST, LUT_CELLS, STEPS } from '../../statistics/bins';
import { LineValues } from './line-values';
import { CountingPlan } from './plan';

/** Places from here on are no bins: missing and invalid values of each column by turns. */
const GAP = 2 ** 24;
const KEPT_CELLS = 4;

export function missingPlace(column: number): number {
  return GAP + 2 * column;
}

export function invalidPlace(column: number): number {
  return GAP + 2 * column + 1;
}

/**
 * Counts of few time cells, count and offsets of a bin side by side. They reach the accumulator when the cells change and at the end;
 * adding to the accumulator's totals and cells for each value would take twice as long.
 */
export class Tally {
  private readonly cellMilliseconds: number;
  private readonly cells = new Map<number, Float64Array>();
  private number = NaN;
  private current: Float64Array = new Float64Array(0);

  public constructor(private readonly accumulator: Accumulator, private readonly plan: CountingPlan) {
    this.cellMilliseconds = accumulator.layout.cellSeconds * 1000;
  }

  /** Adds the values of a line made at a time; `columns` of them, so without the last where the answers are another model's. */
  public add(time: number, line: LineValues, columns: number, bytes: Uint8Array): void {
    const number = Math.floor(time / this.cellMilliseconds);
    if (number !== this.number) this.enter(number);
    const { current } = this;
    const { min, max } = this.accumulator;
    const { bins, ranges, lut, binStart } = this.plan;
    const { codes, numbers, inexact, used } = line;
    for (let i = 0; i < used; i++) {
      const column = codes[i]!;
      if (column < 0 || column >= columns) {
        if (column < 0) this.addPlace(~column, columns);
        continue;
      }
      const value = numbers[i]!;
      const low = ranges[4 * column]!;
      let place = binStart[column]!;
      if (value > low && value < ranges[4 * column + 1]!) {
        const cell = ((value - low) * ranges[4 * column + 2]!) | 0;
        place += lut[column * LUT_CELLS + (cell < LUT_CELLS ? cell : LUT_CELLS - 1)]!;
        while (value > bins[4 * place]!) place++;
      } else place = this.search(column, numbers, i);
      const perStep = bins[4 * place + 2]!;
      const steps = (value - bins[4 * place + 1]!) * perStep;
      const offset = steps < FURTHEST ? Math.floor(steps + 0.5) : FURTHEST;
      if (inexact[i]! >= 0) {
        // A cheap look first: an ulp or two is less than a thousandth of a step, and no edge and no turn of the rounding is near.
        const rest = steps + 0.5 - offset;
        const far = rest > 0.001 && rest < 0.999 && steps > 1 && steps < STEPS - 1 && Math.abs(value * perStep) < 1e11;
        if ((!far && this.doubtful(column, place, value)) || this.mayBeExtreme(column, value)) {
          numbers[i] = exactNumber(bytes, inexact[i]!);
          inexact[i] = -1;
          i--;
          continue;
        }
      } else {
        if (value < min[column]!) min[column] = value;
        if (value > max[column]!) max[column] = value;
      }
      current[2 * place]!++;
      current[2 * place + 1]! += offset;
    }
  }

  /** Hands everything over to the accumulator. */
  public flush(): void {
    const { counts, offsets } = this.accumulator;
    for (const [number, tallies] of this.cells) {
      const cell = this.accumulator.cellAt(number * this.cellMilliseconds);
      for (let place = 0; place < counts.length; place++) {
        const count = tallies[2 * place]!;
        if (count === 0) continue;
        counts[place]! += count;
        offsets[place]! += tallies[2 * place + 1]!;
        cell[this.plan.groupOf[place]!]! += count;
      }
    }
    this.cells.clear();
    this.number = NaN;
  }

  private enter(number: number): void {
    if (this.cells.size === KEPT_CELLS && !this.cells.has(number)) this.flush();
    let cell = this.cells.get(number);
    if (!cell) this.cells.set(number, cell = new Float64Array(2 * this.accumulator.counts.length));
    this.current = cell;
    this.number = number;
  }

  private addPlace(place: number, columns: number): void {
    if (place < GAP) {
      if (place < this.plan.binStart[columns]!) this.current[2 * place]!++;
      return;
    }
    const column = (place - GAP) >> 1;
    if (column >= columns) return;
    if ((place & 1) === 0) this.accumulator.missing[column]!++;
    else this.accumulator.invalid[column]!++;
  }

  /** The place of a number in the tails; the number stays in its array, as an argument it would cost an allocation. */
  private search(column: number, numbers: Float64Array, at: number): number {
    const { bins, binStart } = this.plan;
    const value = numbers[at]!;
    let place = binStart[column]!;
    let above = binStart[column + 1]! - 1;
    while (place < above) {
      const middle = (place + above) >>> 1;
      if (value > bins[4 * middle]!) place = middle + 1;
      else above = middle;
    }
    return place;
  }

  /** Whether an error of an ulp or two could change what is counted. */
  private doubtful(column: number, place: number, value: number): boolean {
    const { bins, binStart } = this.plan;
    const perStep = bins[4 * place + 2]!;
    const error = Math.abs(value) * 2e-15;
    const steps = (value - bins[4 * place + 1]!) * perStep + 0.5;
    const fraction = steps - Math.floor(steps);
    const doubt = Math.abs(error * perStep) + Math.abs(steps) * 1e-15;
    return bins[4 * place]! - value <= error || (place > binStart[column]! && value - bins[4 * (place - 1)]! <= error)
      || fraction <= doubt || fraction >= 1 - doubt || steps > FURTHEST;
  }

  private mayBeExtreme(column: number, value: number): boolean {
    const error = Math.abs(value) * 2e-15;
    return value - error < this.accumulator.min[column]! || value + error > this.accumulator.max[column]!;
  }
}

/** The number that begins at a position, correctly rounded. */
function exactNumber(bytes: Uint8Array, from: number): number {
  let text = '';
  for (let at = from; bytes[at]! <= 0x39 && bytes[at]! >= 0x2d && bytes[at] !== 0x2f; at++) text += String.fromCharCode(bytes[at]!);
  return Number(text) + 0;
}
