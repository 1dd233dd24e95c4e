import { Accumulator } from '../../statistics/accumulator';

/** Places from here on are no bins: missing and invalid values of each column by turns. */
const GAP = 2 ** 24;
const KEPT_CELLS = 4;

export function missingPlace(column: number): number {
  return GAP + 2 * column;
}

export function invalidPlace(column: number): number {
  return GAP + 2 * column + 1;
}

export function columnOfGap(place: number): number | undefined {
  return place < GAP ? undefined : (place - GAP) >> 1;
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

  public constructor(private readonly accumulator: Accumulator, private readonly groupOf: Int32Array) {
    this.cellMilliseconds = accumulator.layout.cellSeconds * 1000;
  }

  /** Adds the values of a line made at a time. */
  public add(time: number, places: Int32Array, offsets: Float64Array, used: number): void {
    const number = Math.floor(time / this.cellMilliseconds);
    if (number !== this.number) this.enter(number);
    const { current } = this;
    for (let i = 0; i < used; i++) {
      const place = places[i]!;
      if (place < GAP) {
        current[2 * place]!++;
        current[2 * place + 1]! += offsets[i]!;
      } else this.addGap(place);
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
        cell[this.groupOf[place]!]! += count;
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

  private addGap(place: number): void {
    const column = (place - GAP) >> 1;
    if ((place & 1) === 0) this.accumulator.missing[column]!++;
    else this.accumulator.invalid[column]!++;
  }
}
