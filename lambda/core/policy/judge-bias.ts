import { BiasFacet, BiasLimit, BiasOptions, facetBias, FacetBias, FacetTally } from '../quality/ground-truth/window-bias';

export interface BiasJudgement {
  readonly ok: boolean;
  /** Of each facet that it keeps its limits, or which measure is beyond, by value and limit. */
  readonly reasons: readonly string[];
  readonly facets: readonly FacetBias[];
}

/** Holds the measures of each facet against their limits. A group of too few rows fails too: what cannot be told is not called fair. */
export function judgeBias(facets: readonly BiasFacet[], tallies: readonly FacetTally[], options: BiasOptions): BiasJudgement {
  const judged = facets.map((facet, i) => facetBias(facet, tallies[i]!, options));
  const faults = judged.map((bias) => bias.limits.flatMap((limit) => faultOf(bias, limit, options) ?? []));
  return {
    ok: faults.every((each) => each.length === 0),
    reasons: judged.map(({ facet }, i) => `bias by ${groupOf(facet)}: ${faults[i]!.length === 0 ? 'within its limits' : faults[i]!.join(', ')}`),
    facets: judged,
  };
}

function faultOf({ measures }: FacetBias, { measure, limit, rows, multiple }: BiasLimit, { minimumRows }: BiasOptions): string | undefined {
  if (rows < minimumRows) return `${measure} cannot be told from the ${rows} rows of the smaller group, ${minimumRows} are needed (hold more data out, or lower minimumRows)`;
  if (multiple === undefined) {
    return `${measure} compares nothing: ${measure === 'DI' ? 'nobody of either group is answered favourably' : 'it divides by 0 in both groups'} (limit another measure, or hold more data out)`;
  }
  if (multiple <= 1) return undefined;
  const value = measures[measure]!;
  return measure === 'DI' ? `DI ${round(value)} is beyond ${limit} to ${round(1 / limit)}` : `${measure} ${round(value)} is beyond ${limit} either way`;
}

/** The disadvantaged group in words. */
export function groupOf({ feature, values, above }: BiasFacet): string {
  return values ? `${feature} (${values.join(', ')} against others)` : `${feature} (above ${above} against others)`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
