/**
 * Survival functions on the log scale.
 *
 * `1 - cdf` is 0 beyond 1e-16, and then strongly drifted features can no longer be ranked against one another;
 * these stay finite wherever the logarithm itself does.
 */

const LOG_2PI = Math.log(2 * Math.PI);

/** ln Γ(x) for x > 0: Stirling's series, after shifting x above 15, where it is exact to double precision. */
export function logGamma(x: number): number {
  let shift = 0;
  let product = 1;
  while (x < 15) {
    product *= x;
    x += 1;
    if (product > 1e250) {
      shift += Math.log(product);
      product = 1;
    }
  }
  shift += Math.log(product);
  const inverse = 1 / x;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188)))));
  return (x - 0.5) * Math.log(x) - x + 0.5 * LOG_2PI + series - shift;
}

/** ln Q(a, x), the regularised upper incomplete gamma function: its series below a + 1, Lentz's continued fraction above. */
export function logGammaQ(a: number, x: number): number {
  if (x <= 0) return 0;
  const front = a * Math.log(x) - x - logGamma(a);
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let k = 1; k < 10_000 && Math.abs(term) > Math.abs(sum) * 1e-17; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return Math.log1p(-Math.min(1, Math.exp(front + Math.log(sum))));
  }
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = an * d + b;
    if (Math.abs(d) < tiny) d = tiny;
    c = b + an / c;
    if (Math.abs(c) < tiny) c = tiny;
    d = 1 / d;
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < 1e-16) break;
  }
  return front + Math.log(h);
}

/** ln P(X > x) of the chi-squared distribution. */
export function logChiSquaredSf(x: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 0) return 0;
  return logGammaQ(degreesOfFreedom / 2, x / 2);
}

/** The x at which the chi-squared survival function equals p. */
export function chiSquaredQuantile(p: number, degreesOfFreedom: number): number {
  if (degreesOfFreedom <= 0) return 0;
  const target = Math.log(p);
  let low = 0;
  let high = degreesOfFreedom + 10;
  while (logChiSquaredSf(high, degreesOfFreedom) > target) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-12 * high; i++) {
    const middle = (low + high) / 2;
    if (logChiSquaredSf(middle, degreesOfFreedom) > target) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** ln P(K > x) of Kolmogorov's limit distribution; two series, each where it converges at once. */
export function logKolmogorovSf(x: number): number {
  if (x <= 0) return 0;
  if (x < 1.18) {
    const t = (-Math.PI * Math.PI) / (8 * x * x);
    let cdf = 0;
    for (let k = 1; k <= 15; k += 2) cdf += Math.exp(t * k * k);
    return Math.log1p(-Math.min(1, (Math.sqrt(2 * Math.PI) / x) * cdf));
  }
  const leading = -2 * x * x;
  let rest = 1;
  for (let k = 2; k <= 20; k++) {
    const term = Math.exp(leading * (k * k - 1));
    if (term === 0) break;
    rest += k % 2 === 0 ? -term : term;
  }
  return Math.LN2 + leading + Math.log(rest);
}

/** ln P(Z > z) of the standard normal distribution. */
export function logNormalSf(z: number): number {
  if (z >= 0) return logGammaQ(0.5, (z * z) / 2) - Math.LN2;
  return Math.log1p(-Math.exp(logNormalSf(-z)));
}
