import { checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { BIAS_MEASURES, FacetDescription } from './bias-facet.contract';

/** What measures of bias between two groups may be at most. */
export interface BiasLimits {
  /**
   * By measure, as SageMaker Clarify abbreviates them: CI, DPL, KL, JS, TVD, KS, LP, DPPL, DI, AD, RD, SD, DCAcc, DCR, DAR, DRR, TE, GE. A limit
   * is the size that the measure may have at most; of DI, a ratio, it is the least that is accepted, `0.8` for the rule of four fifths. CI, DPPL
   * and DI need no labels.
   */
  readonly limits: { [measure: string]: number };
}

/**
 * Two groups of those who are asked about, and how unequally the model may treat them. A quality gate tells them by any column of the hold-out,
 * be it a feature or an ignored one; a quality monitor by a feature of the request.
 */
export class BiasFacet {
  /** The disadvantaged group has one of these values: `BiasFacet.ofValues('sex', ['f'], { limits: { DPPL: 0.1 } })`. */
  public static ofValues(feature: string, values: string[], limits: BiasLimits): BiasFacet {
    return new BiasFacet({ feature, values, limits: limits.limits });
  }

  /** The disadvantaged group is above a number: `BiasFacet.above('age', 60, { limits: { DI: 0.8 } })`. */
  public static above(feature: string, threshold: number, limits: BiasLimits): BiasFacet {
    return new BiasFacet({ feature, above: threshold, limits: limits.limits });
  }

  private constructor(private readonly description: FacetDescription) {}

  /** Name of the feature, or column, that tells the groups. */
  public get feature(): string {
    return this.description.feature;
  }

  /** @internal */
  public _describe(): FacetDescription {
    return this.description;
  }

  /** @internal */
  public _faults(): readonly string[] {
    const { feature, values, above, limits } = this.description;
    const name = `the facet '${feature}'`;
    const unknown = Object.keys(limits).filter((measure) => !(BIAS_MEASURES as readonly string[]).includes(measure));
    const faults = new Faults()
      .when(feature.trim() === '', 'a facet has no feature; name the feature that tells the groups')
      .when(values?.length === 0, `${name} has no values; give those of the disadvantaged group`)
      .addAll((values ?? []).filter((value) => value === '' || value !== value.trim())
        .map((value) => `${name} has the value '${value}', which no row has: values are compared without blanks at their ends, and an empty one is in no group; correct it`))
      .add(checkNumber(`the threshold of ${name}`, above, {}))
      .when(Object.keys(limits).length === 0, `${name} has no limits; give at least one, for example { DPPL: 0.1 }`)
      .when(unknown.length > 0, `${name} limits ${unknown.join(', ')}; measures are ${BIAS_MEASURES.join(', ')}`);
    for (const [measure, limit] of Object.entries(limits)) faults.add(checkNumber(`the limit of ${measure} of ${name}`, limit, { minimum: 0, ...(measure === 'DI' && { maximum: 1 }) }));
    return faults.list;
  }
}
