import { checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { BiasFacet } from '../training/bias-facet';
import { MOST_FACETS } from '../training/bias-facet.contract';
import { MeasurementRules } from './quality-monitor.contract';

/** What the model's answers are, by which its quality is measured. */
export interface BinaryClassificationOptions {
  /**
   * The score from which on an answer is positive, 0 to 1.
   *
   * @default 0.5
   */
  readonly threshold?: number;

  /**
   * Groups that the model must treat alike; at most 16.
   *
   * @default - bias is not measured
   */
  readonly facets?: BiasFacet[];

  /**
   * The class, 1 or 0, that is good for those who are asked about: 1 where the model grants, 0 where it warns of them.
   *
   * @default 1
   */
  readonly favourableLabel?: number;
}

/** The kind of question that a model answers. */
export class ModelTask {
  /** A score from 0 to 1 for a label that is 1 (`true`) or 0 (`false`). */
  public static binaryClassification(options: BinaryClassificationOptions = {}): ModelTask {
    return new ModelTask('binary-classification', options);
  }

  /** A number for a number. */
  public static regression(): ModelTask {
    return new ModelTask('regression', {});
  }

  private constructor(private readonly kind: MeasurementRules['task'], private readonly options: BinaryClassificationOptions) {}

  /** @internal */
  public get _kind(): MeasurementRules['task'] {
    return this.kind;
  }

  /** @internal */
  public get _limitsBias(): boolean {
    return (this.options.facets ?? []).length > 0;
  }

  /** @internal */
  public _rules(): Pick<MeasurementRules, 'task' | 'threshold' | 'facets' | 'favourableLabel'> {
    const { threshold = 0.5, facets = [], favourableLabel = 1 } = this.options;
    return { task: this.kind, threshold, facets: facets.map((facet) => facet._describe()), favourableLabel: favourableLabel as 0 | 1 };
  }

  /** @internal */
  public _faults(): readonly string[] {
    const { threshold, facets = [], favourableLabel = 1 } = this.options;
    return new Faults()
      .add(checkNumber('quality.task.threshold', threshold, { minimum: 0, maximum: 1 }))
      .when(favourableLabel !== 0 && favourableLabel !== 1, `quality.task.favourableLabel is ${favourableLabel}; give 1 or 0`)
      .when(facets.length > MOST_FACETS, `quality.task.facets are ${facets.length}; give at most ${MOST_FACETS}`)
      .addAll(facets.flatMap((facet) => facet._faults()))
      .list;
  }
}
