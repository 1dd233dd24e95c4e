/** An approval that a release was started for; times are ISO 8601. */
export interface ActedOn {
  /** When the registry says that the package was changed. */
  readonly approvedAt: string;
  /** Idempotency token of the release. */
  readonly token: string;
  /** False between the decision and the start. */
  readonly started: boolean;
}

/** Approvals by package ARN. One small object, written conditionally. */
export interface StoredApprovals {
  readonly version: 1;
  readonly approvals: Readonly<Record<string, ActedOn>>;
}

export const NO_APPROVALS: StoredApprovals = { version: 1, approvals: {} };

/** How many approvals are remembered. */
const REMEMBERED = 50;

export type ApprovalStep =
  | { readonly action: 'skip'; readonly reason: string; readonly state: StoredApprovals }
  | { readonly action: 'start'; readonly token: string; readonly state: StoredApprovals };

/** An endpoint went back from the package. */
export interface Rollback {
  readonly at: string;
  /** Whether the event is a new approval since then. */
  readonly approvedAgain: boolean;
}

const AGAIN = 'to release it again, reject and approve it, or start the pipeline with it';

/**
 * What an event that says "approved" leads to. Any edit of an approved package sends one, and two approvals may be told in
 * the wrong order: each approval is acted on once, and the later one wins. A package that was rolled back takes a new approval.
 */
export function actOn(state: StoredApprovals, packageArn: string, approvedAt: string, token: string, rollback?: Rollback): ApprovalStep {
  const known = state.approvals[packageArn];
  if (known?.started === true && rollback?.approvedAgain !== true) {
    return { action: 'skip', reason: `its approval has been acted on before${rollback === undefined ? '' : `, and it was rolled back at ${rollback.at}`}; ${AGAIN}`, state };
  }
  // Decided, but broken off before the pipeline was asked: asked again, with the same token.
  if (known?.started === false) return { action: 'start', token: known.token, state };
  // The event came late: another run of the pipeline has released the package meanwhile.
  if (rollback !== undefined && rollback.at >= approvedAt) {
    return { action: 'skip', reason: `it was rolled back at ${rollback.at}, after this approval; ${AGAIN}`, state: remember(state, packageArn, { approvedAt, token, started: true }) };
  }
  const overtaken = Object.values(state.approvals).some((other) => other.approvedAt > approvedAt);
  const next = remember(state, packageArn, { approvedAt, token, started: overtaken });
  return overtaken ? { action: 'skip', reason: 'a package approved later has been released already', state: next } : { action: 'start', token, state: next };
}

export function started(state: StoredApprovals, packageArn: string): StoredApprovals {
  return { version: 1, approvals: { ...state.approvals, [packageArn]: { ...state.approvals[packageArn]!, started: true } } };
}

/** A rejected package may be approved again, and that is a new approval. */
export function forget({ approvals }: StoredApprovals, packageArn: string): StoredApprovals {
  return { version: 1, approvals: Object.fromEntries(Object.entries(approvals).filter(([arn]) => arn !== packageArn)) };
}

function remember({ approvals }: StoredApprovals, packageArn: string, approval: ActedOn): StoredApprovals {
  const all = [...Object.entries(approvals), [packageArn, approval] as const].sort(([, a], [, b]) => (a.approvedAt < b.approvedAt ? -1 : 1));
  return { version: 1, approvals: Object.fromEntries(all.slice(-REMEMBERED)) };
}
