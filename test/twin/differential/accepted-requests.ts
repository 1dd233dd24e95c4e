/** A request on which the twin and botocore differ, and what each says. */
export interface Verdicts {
  readonly service: string;
  readonly operation: string;
  readonly twin: string;
  readonly botocore: string;
}

/** Differences that were looked at and stay, each with its reason. */
export const ACCEPTED: ReadonlyArray<{ readonly reason: string; readonly applies: (verdicts: Verdicts) => boolean }> = [
  {
    reason: 'a union without a member: botocore does not send it, so the check of the service, which keeps no mark of unions, never sees it from an SDK',
    applies: ({ twin, botocore }) => twin === '' && /Must set one of the following keys/.test(botocore),
  },
];
