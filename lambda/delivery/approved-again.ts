import type { ModelPackageEvent } from '../../lib/delivery/approve-candidate.contract';

/** A person who approves says so by one of these; the names are those of SageMaker's example of the event. */
const DECISION_FIELDS = ['ModelApprovalStatus', 'ApprovalDescription'];

/**
 * Whether a package that is Approved was approved again after its rollback. Its time of change alone does not tell: a note
 * in its metadata changes that too, and must not release what was rolled back. Times are ISO 8601.
 */
export function isApprovedAgain({ time, detail }: ModelPackageEvent, changedAt: string, rolledBackAt: string): boolean {
  const later = [time, changedAt].every((each) => Date.parse(each) > Date.parse(rolledBackAt));
  return later && (detail.UpdatedModelPackageFields ?? []).some((field) => DECISION_FIELDS.includes(field));
}
