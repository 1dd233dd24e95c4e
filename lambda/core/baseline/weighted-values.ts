/** Points a bucket's rows are spread over. */
const POINTS = 64;
const SAMPLE = 65_536;

/** A distribution as values that stand for many rows each, in ascending order. */
export class WeightedValues {
  public readonly weight: number;

  private constructor(private readonly values: ReadonlyArray<readonly [value: number, weight: number]>, public readonly rankError: number) {
    this.weight = values.reduce((sum, [, weight]) => sum + weight, 0);
  }

  /** A KLL sketch: items of level l stand for 2^l rows. Its error is that of a single rank, at 99 %, published by Apache DataSketches. */
  public static ofSketch(levels: readonly (readonly number[])[], k: number): WeightedValues {
    const values = levels.flatMap((level, l) => level.map((value) => [value, 2 ** l] as const)).sort(([a], [b]) => a - b);
    return new WeightedValues(values, levels.length === 1 ? 0 : Math.min(1, 2.296 / k ** 0.9021));
  }

  /** Buckets: their rows spread evenly, which may be wrong by the share of the fullest. */
  public static ofBuckets(buckets: ReadonlyArray<{ lower: number; upper: number; count: number }>): WeightedValues {
    const values = buckets.filter(({ count }) => count > 0).flatMap(({ lower, upper, count }) => {
      const points = Math.min(POINTS, count);
      // Whole rows at each point, since counts are integers.
      return Array.from({ length: points }, (_, i) => [
        lower + ((i + 0.5) / points) * (upper - lower), Math.floor(((i + 1) * count) / points) - Math.floor((i * count) / points),
      ] as const);
    });
    const total = buckets.reduce((sum, { count }) => sum + count, 0);
    return new WeightedValues(values, total === 0 ? 0 : buckets.reduce((most, { count }) => Math.max(most, count), 0) / total);
  }

  public each(take: (value: number, weight: number) => void): void {
    for (const [value, weight] of this.values) take(value, weight);
  }

  /** Values at equally spaced ranks, with the known smallest and largest at the ends. */
  public sample(min: number, max: number): Float64Array {
    const size = Math.min(SAMPLE, this.weight);
    const sample = new Float64Array(size);
    let passed = 0;
    let at = 0;
    for (const [value, weight] of this.values) {
      passed += weight;
      while (at < size && ((at + 0.5) / size) * this.weight <= passed) sample[at++] = Math.min(max, Math.max(min, value));
    }
    if (size > 0) {
      sample[0] = min;
      sample[size - 1] = max;
    }
    return sample;
  }
}
