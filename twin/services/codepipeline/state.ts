import type { Principal } from '../../service';
import type { ActionDeclaration, PipelineDeclaration } from './declaration';
import type { Job } from './jobs';

export type ExecutionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Stopping' | 'Stopped' | 'Superseded' | 'Cancelled';
export type StageStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped' | 'Stopped' | 'Cancelled';
export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';
export type RetryMode = 'FAILED_ACTIONS' | 'ALL_ACTIONS';

/** Where an artifact lies, and what it was made of. */
export interface Artifact {
  readonly name: string;
  readonly bucket: string;
  readonly key: string;
  readonly encryptionKeyId?: string;
  revision?: { readonly id: string; readonly summary?: string; readonly url?: string; readonly created: Date };
}

export interface SourceRevision {
  readonly actionName: string;
  readonly revisionType: 'COMMIT_ID' | 'IMAGE_DIGEST' | 'S3_OBJECT_VERSION_ID' | 'S3_OBJECT_KEY';
  readonly revisionValue: string;
}

/** One attempt at one action. */
export interface ActionRun {
  readonly id: string;
  readonly stageName: string;
  readonly declaration: ActionDeclaration;
  readonly pipelineVersion: number;
  readonly startTime: Date;
  readonly roleArn: string;
  readonly inputs: readonly Artifact[];
  readonly outputs: readonly Artifact[];
  /** Ends the run at once, its work left to itself. */
  abandon: () => void;
  status: ActionStatus;
  lastUpdateTime: Date;
  resolvedConfiguration: Readonly<Record<string, string>>;
  outputVariables: Readonly<Record<string, string>>;
  summary?: string;
  token?: string;
  percentComplete?: number;
  externalExecutionId?: string;
  error?: { readonly code: string; readonly message: string };
  lastUpdatedBy?: string;
}

export interface RuleRun {
  readonly id: string;
  readonly name: string;
  readonly lastStatusChange: Date;
  readonly status: 'Succeeded' | 'Failed';
  readonly summary: string;
}

/** What became of the condition in front of, or behind, a stage. */
export interface ConditionRun {
  readonly executionId: string;
  readonly status: 'Succeeded' | 'Failed';
  readonly summary: string;
  readonly at: Date;
  readonly rules: readonly RuleRun[];
}

export interface PipelineExecution {
  readonly id: string;
  readonly pipelineName: string;
  /** As it was when the execution started. */
  readonly declaration: PipelineDeclaration;
  readonly startTime: Date;
  readonly trigger: { readonly triggerType: string; readonly triggerDetail: string };
  readonly variables: Readonly<Record<string, string>>;
  readonly sourceRevisions: readonly SourceRevision[];
  readonly artifacts: Map<string, Artifact>;
  /** Output variables by the namespace of the action. */
  readonly namespaces: Map<string, Readonly<Record<string, string>>>;
  readonly actionRuns: ActionRun[];
  readonly automaticRetries: Map<string, number>;
  status: ExecutionStatus;
  statusSummary?: string;
  lastUpdateTime: Date;
  stopReason?: string;
}

/** What a stage is doing, across executions. */
export interface Stage {
  readonly name: string;
  transition: { enabled: boolean; disabledReason?: string; lastChangedBy?: string; lastChangedAt?: Date };
  /** Executions at its door, in the order they came. */
  readonly waiting: Array<{ readonly execution: PipelineExecution; readonly retry?: RetryMode }>;
  /** Executions inside; more than one only in PARALLEL mode. */
  readonly inside: Set<PipelineExecution>;
  latest?: { readonly execution: PipelineExecution; status: StageStatus; manualRetries: number };
  beforeEntry?: ConditionRun;
  onSuccess?: ConditionRun;
}

export interface Pipeline {
  readonly name: string;
  readonly arn: string;
  readonly created: Date;
  updated: Date;
  declaration: PipelineDeclaration;
  readonly versions: PipelineDeclaration[];
  tags: ReadonlyArray<{ readonly key: string; readonly value: string }>;
  stages: Stage[];
  readonly executions: PipelineExecution[];
  readonly requestTokens: Map<string, PipelineExecution>;
}

export class CodePipelineState {
  constructor(readonly account: string) {}

  readonly pipelines = new Map<string, Pipeline>();
  readonly jobs = new Map<string, Job>();
}

export function callerName(caller: Principal): string {
  return caller.kind === 'role' ? caller.roleArn : caller.kind === 'service' ? caller.sourceArn ?? caller.service : 'administrator';
}
