import explanations from './explained.json';
import { matches } from './statement';

/** Why a permission is in the template although no call of the loop on the twin uses it. `*` is wild in all but the reason. */
export interface Explanation {
  /** Logical id of the role or resource, without the stack's prefix and the hash. */
  readonly role: string;
  readonly action: string;
  readonly resource?: string;
  /** A value of a condition, where that alone is explained: `key value`. */
  readonly condition?: string;
  readonly reason: string;
}

export const EXPLANATIONS: readonly Explanation[] = explanations;

export function isExplained(
  entry: { role: string; action: string; resource: string; condition?: string }, among: readonly Explanation[],
): boolean {
  const role = entry.role.replace(/^Loop/, '').replace(/[0-9A-F]{8}$/, '');
  return among.some((each) => matches(each.role, role) && matches(each.action, entry.action) && matches(each.resource ?? '*', entry.resource)
    && (entry.condition === undefined ? each.condition === undefined : each.condition !== undefined && matches(each.condition, entry.condition)));
}
