import { Accumulator } from '../../statistics/accumulator';
import { nextDown } from '../../statistics/bins';
import { CountingPlan } from './plan';

/** Doubles in a head. */
export const HEAD = 8;

/** More than the relative error of a number that is known to an ulp or two. */
const ULPS = 2e-15;

/** Places in a head. */
export const EXACT_RANGE = 0;
export const INEXACT_RANGE = 2;
export const LOW = 4;
export const SCALE = 5;

/**
 * What must be known of each column to count a number, in one array of heads: between which bounds an exact number, and one known to an ulp
 * or two, is in the body of the distribution and no new extreme; and the low end and the scale of its look-up table.
 */
export class Extremes {
  public readonly heads: Float64Array;

  public constructor(private readonly accumulator: Accumulator, private readonly plan: CountingPlan) {
    this.heads = new Float64Array(plan.columns * HEAD);
    for (let column = 0; column < plan.columns; column++) {
      const index = plan.indices[column];
      this.heads.set([index?.low ?? 0, index?.scale ?? 0], column * HEAD + LOW);
      this.update(column);
    }
  }

  public widen(column: number, value: number): void {
    const { min, max } = this.accumulator;
    if (value >= min[column]! && value <= max[column]!) return;
    min[column] = Math.min(min[column]!, value);
    max[column] = Math.max(max[column]!, value);
    this.update(column);
  }

  private update(column: number): void {
    const { low = 0, high = 0 } = this.plan.indices[column] ?? {};
    const min = Math.max(this.accumulator.min[column]!, nextUp(low));
    const max = Math.min(this.accumulator.max[column]!, nextDown(high));
    const tolerant = this.plan.tolerant[column];
    const head = column * HEAD;
    this.heads[head + EXACT_RANGE] = min;
    this.heads[head + EXACT_RANGE + 1] = max;
    this.heads[head + INEXACT_RANGE] = tolerant ? min + Math.abs(min) * ULPS : Infinity;
    this.heads[head + INEXACT_RANGE + 1] = tolerant ? max - Math.abs(max) * ULPS : -Infinity;
  }
}

function nextUp(x: number): number {
  return -nextDown(-x);
}
