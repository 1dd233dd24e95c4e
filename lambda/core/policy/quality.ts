import { DatasetProfile } from '../baseline/profile';
import { percent } from './evaluate-column';

/** What training data must fulfil before a model is trained on them. */
export interface QualityPolicy {
  /** @default 1 */
  readonly minimumRows?: number;
  /** Largest share of missing values in any feature. @default 1 - a feature may be missing altogether */
  readonly maximumMissingShare?: number;
  /** Features of which a single value is tolerated; others that never vary are refused. @default - constant features are accepted */
  readonly refuseConstantFeatures?: boolean;
  /** Least number of label classes; for a classifier. @default 2 where the label has classes */
  readonly minimumLabelClasses?: number;
  /** Least share of the rarest label class. @default 0 */
  readonly minimumClassShare?: number;
  /** Largest share of rows without a label. @default 0 */
  readonly maximumUnlabelledShare?: number;
}

export interface QualityVerdict {
  readonly ok: boolean;
  /** One sentence for each rule broken; all of them, not only the first. */
  readonly reasons: readonly string[];
}

/** Checks a dataset's profile against the policy. */
export function checkQuality(profile: DatasetProfile, policy: QualityPolicy = {}): QualityVerdict {
  const reasons = [...rowFaults(profile, policy), ...featureFaults(profile, policy), ...labelFaults(profile, policy)];
  return { ok: reasons.length === 0, reasons };
}

function rowFaults({ rows }: DatasetProfile, { minimumRows = 1 }: QualityPolicy): string[] {
  return rows < minimumRows ? [`${rows} rows, at least ${minimumRows} are needed; wait for more data or lower the minimum`] : [];
}

function featureFaults({ features }: DatasetProfile, { maximumMissingShare = 1, refuseConstantFeatures = false }: QualityPolicy): string[] {
  const incomplete = features.filter(({ missingShare }) => missingShare > maximumMissingShare)
    .map(({ name, missingShare }) => `feature ${name} misses ${percent(missingShare)} of its values, at most ${percent(maximumMissingShare)} may be missing; complete or ignore it`);
  const constant = features.filter((feature) => refuseConstantFeatures && feature.constant)
    .map(({ name }) => `feature ${name} has one value only; a model learns nothing from it, ignore it`);
  return [...incomplete, ...constant];
}

function labelFaults({ label, rows }: DatasetProfile, policy: QualityPolicy): string[] {
  if (!label) return [];
  const { minimumLabelClasses = 2, minimumClassShare = 0, maximumUnlabelledShare = 0 } = policy;
  const faults: string[] = [];
  if (label.missing > maximumUnlabelledShare * rows) {
    faults.push(`${label.missing} of ${rows} rows have no ${label.name}, at most ${percent(maximumUnlabelledShare)} may lack it; leave them out of the training data`);
  }
  if (label.classes !== undefined && label.classes < minimumLabelClasses) {
    faults.push(`label ${label.name} has ${label.classes} class, at least ${minimumLabelClasses} are needed; widen the training window`);
  }
  if (label.smallestClassShare !== undefined && label.smallestClassShare < minimumClassShare) {
    faults.push(`the rarest class of ${label.name} has ${percent(label.smallestClassShare)} of the rows, at least ${percent(minimumClassShare)} are needed`);
  }
  return faults;
}
