import { defineEnv } from '../private/env-contract';

export const RETIRE_ENDPOINT_ENV = defineEnv({
  STACK_ID: 'required',
  /** The workflow that calls this handler again until the work is done. */
  WORKFLOW_ARN: 'required',
});

/** Longest time that a retirement may take, minutes: less than CloudFormation's hour. */
export const RETIREMENT_LIMIT_MINUTES = 55;

/**
 * Longest time that a function may run, minutes: Lambda's own limit. A function goes on when the execution that called it is
 * stopped, and may write until then.
 */
export const FUNCTION_LIMIT_MINUTES = 15;

/** Type of the custom resource that stands for one endpoint. */
export const ENDPOINT_RETIREMENT = 'Custom::EndpointRetirement';
/** Type of the custom resource that stands for everything that runs and is stored in the loop. */
export const LOOP_RETIREMENT = 'Custom::LoopRetirement';

/** Properties of both kinds of custom resource. */
export interface RetirementProperties {
  /** The endpoint's name, or that of the loop: unique among the resources of its type in the stack. */
  readonly Name: string;
}

/** What is emptied, so that it can be deleted. */
export interface LoopContents {
  /** All versions of all objects. */
  readonly BucketNames?: string[];
  /** The group whose packages are deleted. */
  readonly ModelPackageGroupName?: string;
}

/** Properties of a loop's custom resource: what is stopped, and emptied. */
export interface LoopRetirementProperties extends RetirementProperties {
  /** Workflows whose executions are stopped. */
  readonly StateMachineArns: string[];
  /** Training and processing jobs whose names start so are stopped. */
  readonly JobNamePrefixes: string[];
  /** What is emptied when the stack is deleted. */
  readonly OnDeletion: LoopContents;
  /** What is emptied when the creation of the stack is rolled back. */
  readonly OnRollback: LoopContents;
}

/** What the workflow carries from step to step; the custom resource's request is answered by the last one. */
export interface RetirementStep {
  readonly request: RetirementRequest;
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

export interface RetirementRequest extends CustomResourceRequest {
  readonly ResourceType: string;
  /** Those that were deployed last. */
  readonly ResourceProperties: Partial<LoopRetirementProperties>;
}
