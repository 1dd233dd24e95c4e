/** Sums over predicted and actual values; adding two of them gives those of all rows. */
export interface RegressionSums {
  readonly rows: number;
  readonly absoluteError: number;
  readonly squaredError: number;
  /** Of the errors, from which the error of the mean square follows. */
  readonly fourthPowers: number;
  /** Mean of the actual values, and the sum of their squared distances from it. */
  readonly mean: number;
  readonly variation: number;
}

export const NO_REGRESSION: RegressionSums = { rows: 0, absoluteError: 0, squaredError: 0, fourthPowers: 0, mean: 0, variation: 0 };

export function regressionSums(rows: Iterable<{ readonly predicted: number; readonly actual: number }>): RegressionSums {
  let sums = NO_REGRESSION;
  for (const { predicted, actual } of rows) {
    const error = Math.abs(predicted - actual);
    sums = addRegressionSums(sums, { rows: 1, absoluteError: error, squaredError: error ** 2, fourthPowers: error ** 4, mean: actual, variation: 0 });
  }
  return sums;
}

/** Chan's update: sums of squares about each part's own mean, which do not cancel as plain sums of squares do. */
export function addRegressionSums(a: RegressionSums, b: RegressionSums): RegressionSums {
  const rows = a.rows + b.rows;
  if (rows === 0) return a;
  const apart = b.mean - a.mean;
  return {
    rows,
    absoluteError: a.absoluteError + b.absoluteError,
    squaredError: a.squaredError + b.squaredError,
    fourthPowers: a.fourthPowers + b.fourthPowers,
    mean: a.mean + (apart * b.rows) / rows,
    variation: a.variation + b.variation + (apart * apart * a.rows * b.rows) / rows,
  };
}

/** R² is undefined where all actual values are the same. */
export function regressionMetrics(sums: RegressionSums): { mae: number; mse: number; rmse: number; r2?: number } | undefined {
  if (sums.rows === 0) return undefined;
  const mse = sums.squaredError / sums.rows;
  return { mae: sums.absoluteError / sums.rows, mse, rmse: Math.sqrt(mse), ...(sums.variation > 0 && { r2: 1 - sums.squaredError / sums.variation }) };
}
