import { PayloadRow } from '../../capture/payload';
import { featureValues, isHeader } from '../../capture/rows';
import { parseDecimal, Value } from '../../statistics/column';

/** Which rows of a feature are about the disadvantaged group: those with one of these values, or those above a number. */
export interface FacetRule {
  readonly feature: string;
  readonly values?: readonly string[];
  readonly above?: number;
}

/** The group of a row by one facet; a row whose value is missing or no number is in neither. */
export const FACET_GROUP = { none: 0, advantaged: 1, disadvantaged: 2 } as const;

const BITS = 2;

/** Facets that fit into the 32 bits of a row. */
export const MOST_FACETS = 32 / BITS;

/** Reads the groups of a request's rows, two bits for each facet. */
export class FacetReader {
  private readonly places: readonly number[];

  /** The features as the model takes them, in their order. */
  public constructor(private readonly rules: readonly FacetRule[], private readonly names: readonly string[]) {
    if (rules.length > MOST_FACETS) throw new RangeError(`there are ${rules.length} facets; ${MOST_FACETS} are possible at most`);
    this.places = rules.map(({ feature }) => {
      const place = names.indexOf(feature);
      if (place < 0) throw new RangeError(`the model has no feature '${feature}' to tell groups by, only ${names.join(', ')}; name one of them in the facet`);
      return place;
    });
  }

  public withoutHeader(rows: readonly PayloadRow[]): readonly PayloadRow[] {
    return rows.length > 0 && isHeader(rows[0]!, this.names) ? rows.slice(1) : rows;
  }

  public read(row: PayloadRow): number {
    const values = featureValues(row, this.names);
    if (typeof values === 'string') return 0;
    // Multiplied, not shifted: the sixteenth facet's bits would turn the number negative.
    return this.rules.reduce((bits, rule, i) => bits + groupOf(rule, values[this.places[i]!]) * 2 ** (BITS * i), 0);
  }
}

export function facetGroup(bits: number, facet: number): number {
  return (bits >>> (BITS * facet)) & (2 ** BITS - 1);
}

function groupOf({ values, above }: FacetRule, value: Value | undefined): number {
  const text = String(value ?? '').trim();
  if (text === '') return FACET_GROUP.none;
  if (values) return values.includes(text) ? FACET_GROUP.disadvantaged : FACET_GROUP.advantaged;
  const number = parseDecimal(text);
  if (Number.isNaN(number)) return FACET_GROUP.none;
  return number > above! ? FACET_GROUP.disadvantaged : FACET_GROUP.advantaged;
}
