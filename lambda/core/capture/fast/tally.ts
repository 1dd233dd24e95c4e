import { Accumulator } from '../../statistics/accumulator';
import { LUT_CELLS, STEPS } from '../../statistics/bins';
import { Extremes, INEXACT_RANGE, LOW, SCALE } from './extremes';
import { LineValues } from './line-values';
import { COUNT, CountingPlan, OFFSETS, ROW } from './plan';

const KEPT_CELLS = 4;

/**
 * Counts of few time cells, beside what must be known of the bins to count. They reach the accumulator when the cells change and at the
 * end; adding to the accumulator's totals and cells for each value would take twice as long.
 */
export class Tally {
  private readonly cellMilliseconds: number;
  private readonly cells = new Map<number, Float64Array>();
  private readonly spare: Float64Array[] = [];
  private number = NaN;
  private current: Float64Array = new Float64Array(0);
  private readonly extremes: Extremes;
  /** Values of a line that take more thought. */
  private special = new Int32Array(256);

  public constructor(private readonly accumulator: Accumulator, private readonly plan: CountingPlan) {
    this.cellMilliseconds = accumulator.layout.cellSeconds * 1000;
    this.extremes = new Extremes(accumulator, plan);
  }

  /** Turns to the cell of a time. */
  public turnTo(time: number): void {
    const number = Math.floor(time / this.cellMilliseconds);
    if (number !== this.number) this.enter(number);
  }

  /**
   * Adds the values of a line; those of the first `columns`, so without the last where the answers are another model's.
   *
   * Written for the compiler and the processor: no call and no other loop is in the loop, so that what is known of the arrays stays true,
   * and conditions are added up where a processor would guess them wrong. What is no number, lies in the tails, is a new extreme, or may be
   * rounded to another bin, is put off.
   */
  public add(line: LineValues, columns: number, bytes: Uint8Array): void {
    const { marks, numbers, used } = line;
    if (this.special.length < numbers.length) this.special = new Int32Array(numbers.length);
    const { current, special } = this;
    const { heads } = this.extremes;
    const { firstRow, lut } = this.plan;
    let specials = 0;
    for (let i = 0; i < used; i++) {
      const column = marks[i << 1]!;
      if (column >= 0 && column < columns) {
        const value = numbers[i]!;
        const exact = Number(marks[(i << 1) | 1]! < 0);
        const head = column << 3;
        const range = head | (INEXACT_RANGE - 2 * exact);
        if (value >= heads[range]! && value <= heads[range | 1]!) {
          const cell = ((value - heads[head | LOW]!) * heads[head | SCALE]!) | 0;
          let row = (firstRow[column]! + (lut[(Math.imul(column, LUT_CELLS) + cell) | 0]! << 2)) | 0;
          // Most cells of the table hold one edge at most.
          row = (row + (Number(value > current[row]!) << 2)) | 0;
          const steps = (value - current[(row - ROW) | 0]!) * current[row | 1]!;
          const offset = Math.floor(steps + 0.5);
          // An ulp or two is less than a thousandth of a step, and no edge and no turn of the rounding is near.
          const certain = Number(Math.abs(steps - offset) < 0.499) & Number(Math.abs(steps - STEPS / 2) < STEPS / 2 - 1);
          if (((exact | certain) & Number(value <= current[row]!)) !== 0) {
            current[row | COUNT]!++;
            current[row | OFFSETS]! += offset;
            continue;
          }
        }
      }
      special[specials++] = i;
    }
    for (let i = 0; i < specials; i++) this.addSpecial(line, special[i]!, columns, bytes);
  }

  /** Hands everything over to the accumulator. */
  public flush(): void {
    for (const [number, tallies] of this.cells) {
      this.hand(tallies, this.accumulator.cellAt(number * this.cellMilliseconds));
      this.spare.push(tallies);
    }
    this.cells.clear();
    this.number = NaN;
  }

  private enter(number: number): void {
    if (this.cells.size === KEPT_CELLS && !this.cells.has(number)) this.flush();
    let cell = this.cells.get(number);
    if (!cell) this.cells.set(number, cell = this.spare.pop() ?? this.plan.rows.slice());
    this.current = cell;
    this.number = number;
  }

  /** Adds the counts of a time cell to the accumulator, and leaves none. */
  private hand(tallies: Float64Array, cell: Float64Array): void {
    const { counts, offsets, missing, invalid } = this.accumulator;
    const { plan } = this;
    for (let slot = 0; slot < plan.slots; slot++) {
      const count = tallies[ROW * slot + COUNT]!;
      if (count === 0) continue;
      if (slot < counts.length) {
        counts[slot]! += count;
        offsets[slot]! += tallies[ROW * slot + OFFSETS]!;
        cell[plan.groupOf[slot]!]! += count;
      } else (plan.isMissing(slot) ? missing : invalid)[plan.columnOf[slot]!]! += count;
      tallies[ROW * slot + COUNT] = 0;
      tallies[ROW * slot + OFFSETS] = 0;
    }
  }

  private addSpecial(line: LineValues, i: number, columns: number, bytes: Uint8Array): void {
    const { plan, current } = this;
    const column = line.marks[2 * i]!;
    if (column >= columns) return;
    if (column < 0) {
      if (plan.columnOf[~column]! < columns) current[ROW * ~column + COUNT]!++;
      return;
    }
    const from = line.marks[2 * i + 1]!;
    const value = from < 0 ? line.numbers[i]! : exactNumber(bytes, from);
    const bin = plan.indices[column]!.of(value);
    const row = plan.firstRow[column]! + ROW * bin;
    current[row + COUNT]!++;
    current[row + OFFSETS]! += plan.scales[column]!.offset(bin, value);
    this.extremes.widen(column, value);
  }
}

/** The number that begins at a position, correctly rounded. */
function exactNumber(bytes: Uint8Array, from: number): number {
  let text = '';
  for (let at = from; bytes[at]! <= 0x39 && bytes[at]! >= 0x2d && bytes[at] !== 0x2f; at++) text += String.fromCharCode(bytes[at]!);
  return Number(text) + 0;
}
