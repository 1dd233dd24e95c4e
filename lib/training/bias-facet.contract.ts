/** Which rows are about the disadvantaged group: those with one of the values, or above a number. */
export interface FacetDescription {
  readonly feature: string;
  readonly values?: string[];
  readonly above?: number;
  /** By name of the measure, one of BIAS_MEASURES. */
  readonly limits: Record<string, number>;
}

/** SageMaker Clarify's measures of bias between two groups, as it abbreviates them. */
export const BIAS_MEASURES = [
  'CI', 'DPL', 'KL', 'JS', 'TVD', 'KS', 'LP', 'DPPL', 'DI', 'AD', 'RD', 'SD', 'DCAcc', 'DCR', 'DAR', 'DRR', 'TE', 'GE',
] as const;

/** Facets whose groups fit into a row. */
export const MOST_FACETS = 16;
