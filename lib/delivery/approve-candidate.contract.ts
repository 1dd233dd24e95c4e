import { defineEnv } from '../private/env-contract';

export const APPROVE_CANDIDATE_ENV = defineEnv({
  MODEL_PACKAGE_GROUP: 'required',
  /** Least value of the gate's metric for an approval without a person; absent: every accepted candidate. */
  MINIMUM_SCORE: 'optional',
  /** `maximize` or `minimize`. */
  DIRECTION: 'required',
});

/** The part of EventBridge's "SageMaker Model Package State Change" that handlers read. */
export interface ModelPackageEvent {
  readonly source: 'aws.sagemaker';
  readonly account: string;
  /** When the package changed, ISO 8601. */
  readonly time: string;
  readonly detail: {
    readonly ModelPackageArn: string;
    readonly ModelPackageGroupName: string;
    readonly ModelPackageStatus: string;
    readonly ModelApprovalStatus: string;
    /** What an update changed; not there when the package itself was made or checked. */
    readonly UpdatedModelPackageFields?: readonly string[];
  };
}
