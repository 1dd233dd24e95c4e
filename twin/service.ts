import type { World } from './world';

/** Who makes a call. */
export type Principal =
  /** A role of the template; its identity policies, boundary and the resource's policy decide. */
  | {
    readonly kind: 'role'; readonly roleArn: string; readonly sessionName: string;
    /** Narrows what the role allows, for the length of this session. */
    readonly sessionPolicy?: PolicyDocument;
  }
  /** An AWS service acting by itself (EventBridge delivering, CloudWatch publishing): only the resource's policy can allow it. */
  | { readonly kind: 'service'; readonly service: string; readonly sourceArn?: string; readonly sourceAccount?: string }
  /** The person who owns the account. */
  | { readonly kind: 'administrator' };

export const ADMINISTRATOR: Principal = { kind: 'administrator' };

export type PolicyDocument = { Version?: string; Statement: unknown };

/** One permission that a call needs. A call that needs several lists them all. */
export interface AuthorizationRequest {
  /** For example `sagemaker:CreateModel`. */
  readonly action: string;
  /** An ARN, or `*` where the action knows no resource. */
  readonly resource: string;
  /** Condition keys beyond the global ones, for example `sagemaker:ModelApprovalStatus`. */
  readonly context?: Readonly<Record<string, string | string[]>>;
  /** The policy attached to the resource, if it has one. */
  readonly resourcePolicy?: PolicyDocument;
  /** The error in place of the protocol's own, where a service reports what its caller lacks in another service. */
  readonly refusal?: AwsError;
}

export interface Call {
  readonly world: World;
  readonly service: string;
  readonly operation: string;
  readonly caller: Principal;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes come from the services' own models */
export interface Operation<I = any, O = any> {
  /** The permissions the call needs, most telling first. */
  authorize(input: I, call: Call): AuthorizationRequest[];
  /** The effect. Throws AwsError for a refusal in the service's own words. */
  run(input: I, call: Call): O | Promise<O>;
}

/** A resource of the template as its provider sees it, intrinsics resolved. */
export interface ResourceRequest {
  readonly world: World;
  readonly type: string;
  readonly logicalId: string;
  readonly stackName: string;
  readonly stackId: string;
  /** Tags of stack and resource already merged where the type is taggable by `Tags`. */
  readonly properties: Record<string, any>;
  /** A physical name in CloudFormation's manner: stack-logicalId-RANDOM, at most `max` characters. */
  generateName(max?: number, lowerCase?: boolean): string;
}

export interface ResourceHandle {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes?: Readonly<Record<string, any>>;
}

export interface ResourceProvider {
  /** Names of the properties implemented; any other is refused by name and path. */
  readonly properties: readonly string[];
  /** Properties whose change replaces the resource. */
  readonly createOnly: readonly string[];
  /** Attributes of every resource of the type. Where listed, another is refused before anything is created; else when it is asked for. */
  readonly attributes?: readonly string[];
  create(request: ResourceRequest): ResourceHandle | Promise<ResourceHandle>;
  update(request: ResourceRequest, existing: ResourceHandle, previous: Record<string, any>): ResourceHandle | Promise<ResourceHandle>;
  delete(request: ResourceRequest, existing: ResourceHandle): void | Promise<void>;
}

/** One AWS service. `operations` are called by SDK name, over HTTP or in process; `resources` are its CloudFormation types. */
export interface Service {
  /** The name by which SDKs sign, for example `sagemaker`, `states`, `monitoring`, `s3`. */
  readonly name: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  /** What exists in this service beyond what CloudFormation owns, as ARNs; for "nothing left in the account". */
  remaining(): string[];
  /** Ends child processes and the like. */
  stop?(): void | Promise<void>;
}

export class AwsError extends Error {
  constructor(readonly code: string, message: string, readonly httpStatus = 400, readonly details: Record<string, any> = {}) {
    super(message);
    this.name = code;
  }
}
