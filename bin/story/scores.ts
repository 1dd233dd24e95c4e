/** One prediction and what came true. */
export interface Scored {
  readonly score: number;
  readonly label: boolean;
}

/** Chance that a random late flight is ranked above a random punctual one; ties count half (Mann-Whitney). */
export function areaUnderCurve(scored: readonly Scored[]): number {
  const sorted = [...scored].sort((a, b) => a.score - b.score);
  const positives = sorted.filter(({ label }) => label).length;
  const negatives = sorted.length - positives;
  if (positives === 0 || negatives === 0) throw new Error('the area under the curve needs both late and punctual flights');
  let ranks = 0;
  for (let start = 0, end: number; start < sorted.length; start = end) {
    end = start + 1;
    while (end < sorted.length && sorted[end]!.score === sorted[start]!.score) end++;
    // Everyone in a tie gets the mean of its ranks.
    ranks += sorted.slice(start, end).filter(({ label }) => label).length * ((start + 1 + end) / 2);
  }
  return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

/** Mean negative log-likelihood, nats. */
export function logLoss(scored: readonly Scored[]): number {
  const clamp = (score: number) => Math.min(1 - 1e-12, Math.max(1e-12, score));
  return -scored.reduce((sum, { score, label }) => sum + Math.log(label ? clamp(score) : 1 - clamp(score)), 0) / scored.length;
}

export function shareOfLate(scored: readonly { readonly label: boolean }[]): number {
  return scored.filter(({ label }) => label).length / scored.length;
}
