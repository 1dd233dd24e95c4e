import { StepFunctionsConditions } from './conditions';
import { AwsError } from '../../service';
import type { Definition, Json } from './definition';
import type { Scope } from './scope';

/** Where the history of executions is logged. */
export interface Logging {
  readonly level: string;
  readonly includeExecutionData: boolean;
  readonly group: string;
}

export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly createdAt: Date;
  updatedAt: Date;
  revisionId: string;
  status: 'ACTIVE' | 'DELETING';
  roleArn: string;
  definitionText: string;
  definition: Definition;
  loggingConfiguration?: Json;
  logging?: Logging;
  tracingConfiguration?: Json;
  encryptionConfiguration?: Json;
  encryptionKeyId?: string;
  tags: ReadonlyArray<{ readonly key: string; readonly value: string }>;
}

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface HistoryEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: Date;
  readonly type: string;
  readonly [details: string]: Json;
}

/** What a machine was when an execution of it started; a later update does not reach a running execution. */
export type Revision = Readonly<Pick<
  StateMachine, 'arn' | 'name' | 'type' | 'roleArn' | 'definition' | 'definitionText' | 'logging' | 'encryptionKeyId'
>>;

export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: Revision;
  readonly input: string;
  readonly startedAt: Date;
  readonly mapRunArn?: string;
  readonly itemCount?: number;
  readonly history: HistoryEvent[];
  readonly scope: Scope;
  status: ExecutionStatus;
  stoppedAt?: Date;
  output?: string;
  error?: string;
  cause?: string;
}

export interface MapRun {
  readonly arn: string;
  readonly executionArn: string;
  readonly startedAt: Date;
  readonly maxConcurrency: number;
  readonly toleratedFailurePercentage: number;
  readonly toleratedFailureCount: number;
  readonly children: Execution[];
  /** How many items there are in all, and how many children they make. */
  readonly items: number;
  readonly total: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  stoppedAt?: Date;
  /** Children whose results ResultWriter has exported. */
  exported: readonly Execution[];
}

/** Someone is to report on this token. */
export interface PendingCallback {
  succeed(output: Json): void;
  fail(error: string, cause: string): void;
  heartbeat(): void;
}

export class StepFunctionsState {
  readonly conditions = new StepFunctionsConditions();
  readonly machines = new Map<string, StateMachine>();
  readonly executions = new Map<string, Execution>();
  readonly mapRuns = new Map<string, MapRun>();
  readonly callbacks = new Map<string, PendingCallback>();

  /** Executions of a machine that run, those of its distributed maps included. */
  runningOf(machineArn: string): Execution[] {
    return [...this.executions.values()].filter(({ machine, status }) => status === 'RUNNING' && rootOf(machine) === machineArn);
  }

  isDeleting(machine: Pick<StateMachine, 'arn'>): boolean {
    return this.machines.get(rootOf(machine))?.status === 'DELETING';
  }

  assertNotDeleting(machineArn: string): void {
    if (this.isDeleting({ arn: machineArn })) throw new AwsError('StateMachineDeleting', `State Machine is being deleted: '${machineArn}'`);
  }
}

/** The machine itself; a distributed map's children have its ARN with the label of the map. */
function rootOf({ arn }: Pick<StateMachine, 'arn'>): string {
  return arn.split('/')[0]!;
}
