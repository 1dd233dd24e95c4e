/** How strongly neighbouring rows resemble each other. */
export interface Clustering {
  /** How many times larger the variance of shares is than that of independent rows; 1 where rows are independent. */
  readonly designEffect: number;
  /** Rows per cell (harmonic mean of neighbours). */
  readonly cellRows: number;
  /** Pairs of neighbouring cells it rests on. */
  readonly pairs: number;
}

/**
 * The design effect from differences between *neighbouring* time cells: (p - p')² against its expectation for independent rows.
 * Neighbours, because a shift half-way through a window must not look like correlation and hide itself; for the same reason the
 * two most different pairs are left out.
 */
export function clustering(cells: ReadonlyArray<{ cell: number; counts: Float64Array }>): Clustering {
  const filled = cells.map(({ cell, counts }) => ({ cell, counts, rows: counts.reduce((a, b) => a + b, 0) })).filter(({ rows }) => rows > 0);
  const pairs: Array<{ observed: number; expected: number; rows: number }> = [];
  for (let i = 1; i < filled.length; i++) {
    const a = filled[i - 1]!;
    const b = filled[i]!;
    let observed = 0;
    let spread = 1;
    for (let g = 0; g < a.counts.length; g++) {
      const p = a.counts[g]! / a.rows;
      const q = b.counts[g]! / b.rows;
      observed += (p - q) ** 2;
      spread -= ((a.counts[g]! + b.counts[g]!) / (a.rows + b.rows)) ** 2;
    }
    const reciprocal = 1 / a.rows + 1 / b.rows;
    pairs.push({ observed, expected: (spread * reciprocal * (a.rows + b.rows)) / Math.max(1, a.rows + b.rows - 1), rows: 2 / reciprocal });
  }
  const usable = pairs.filter(({ expected }) => expected > 0);
  if (usable.length < 6) return { designEffect: 1, cellRows: 1, pairs: usable.length };
  const kept = usable.sort((a, b) => b.observed / b.expected - a.observed / a.expected).slice(2);
  const sum = (pick: (pair: (typeof kept)[number]) => number) => kept.reduce((s, pair) => s + pick(pair), 0);
  return {
    designEffect: sum((pair) => pair.observed * pair.rows) / sum((pair) => pair.expected * pair.rows),
    cellRows: sum((pair) => pair.rows) / kept.length,
    pairs: kept.length,
  };
}

/** How much of the variance lies between cells, whatever their number of rows; up to 2, where neighbouring cells have nothing in common. */
export function intraclassCorrelation({ designEffect, cellRows }: Clustering): number {
  return cellRows <= 1 ? 0 : Math.min(2, Math.max(0, (designEffect - 1) / (cellRows - 1)));
}

/**
 * By how much correlation shrinks a window's rows, beyond the rhythm the baseline has itself: `hour` is the same for all rows of an
 * hour in training as in production, and this is no reason to distrust the window.
 */
export function excessDesignEffect(window: Clustering, baselineCorrelation: number): number {
  const expected = 1 + Math.max(0, window.cellRows - 1) * baselineCorrelation;
  return Math.max(1, window.designEffect / expected);
}
