import { defineEnv } from '../private/env-contract';

export const RETIRE_ENDPOINT_ENV = defineEnv({
  STACK_ID: 'required',
  /** Endpoints that releases of this stack make, comma-separated. */
  ENDPOINT_NAMES: 'required',
  /** Rules that could start something while the stack is deleted, comma-separated. */
  RULE_NAMES: 'required',
  /** Pipelines that are stopped first, comma-separated. */
  PIPELINE_NAMES: 'required',
  /** Delete the packages of this group too; absent when the registry is retained. */
  MODEL_PACKAGE_GROUP: 'optional',
  /** Empty these buckets (all versions); absent when they are retained. Comma-separated. */
  BUCKETS_TO_EMPTY: 'optional',
  /** The workflow that calls this handler again until the work is done. */
  WORKFLOW_ARN: 'optional',
});

/** Longest time that a retirement may take, minutes: less than CloudFormation's hour. */
export const RETIREMENT_LIMIT_MINUTES = 55;

/** What the workflow carries from step to step; the custom resource's request is answered by the last one. */
export interface RetirementStep {
  readonly request: CustomResourceRequest;
  /** ISO 8601. */
  readonly deadline: string;
  readonly status: 'in-progress' | 'answered';
}

export interface CustomResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
}
