/**
 * Benjamini-Hochberg over natural logarithms of p-values: the adjusted log p of each test, in the order given.
 * Logarithms, because a plain p of a strongly drifted feature is 0 and zeros cannot be ranked.
 */
export function benjaminiHochberg(logPs: readonly number[]): number[] {
  const order = logPs.map((_, i) => i).sort((a, b) => logPs[b]! - logPs[a]!);
  const adjusted = new Array<number>(logPs.length).fill(0);
  let smallest = 0;
  order.forEach((index, position) => {
    const rank = logPs.length - position;
    smallest = Math.min(smallest, logPs[index]! + Math.log(logPs.length / rank));
    adjusted[index] = smallest;
  });
  return adjusted;
}
