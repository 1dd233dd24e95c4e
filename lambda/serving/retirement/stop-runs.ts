import {
  DeleteModelCommand, paginateListModels, paginateListProcessingJobs, paginateListTrainingJobs, paginateListTransformJobs, StopProcessingJobCommand, StopTrainingJobCommand,
  StopTransformJobCommand, type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { orUndefined } from '../../adapters/model-packages';
import { paginateListExecutions, StateMachineDoesNotExist, StopExecutionCommand, type ExecutionListItem, type ExecutionStatus, type SFNClient } from '@aws-sdk/client-sfn';

export interface RunClients {
  readonly sagemaker: SageMakerClient;
  readonly sfn: SFNClient;
}

/** What may be running in a loop. */
export interface Runs {
  readonly workflows: readonly string[];
  /** Jobs whose names start so. */
  readonly jobPrefixes: readonly string[];
}

/**
 * Stops what runs, and says what has not ended yet. A workflow that is stopped stops the job it waits for, as well as it can;
 * a job that is stopping still uploads, so it is waited for by itself. A build is left to end: it writes to its repository only,
 * and no longer than its role exists.
 */
export async function stopRuns(clients: RunClients, runs: Runs): Promise<string[]> {
  const stopping: string[] = [];
  const note = (count: number, what: string) => { if (count > 0) stopping.push(`${count} ${what} are being stopped`); };
  for (const workflow of runs.workflows) note(await stopExecutions(clients.sfn, workflow), `executions of ${workflow}`);
  for (const prefix of runs.jobPrefixes) {
    for (const kind of JOB_KINDS) note(await stopJobs(clients.sagemaker, kind, prefix), `${kind.title} ${prefix}*`);
  }
  // A run deletes the models that it made for its jobs, unless it is stopped before.
  if (stopping.length === 0) for (const prefix of runs.jobPrefixes) await deleteModels(clients.sagemaker, prefix);
  return stopping;
}

/** Listed as a whole before any is deleted, since what is deleted moves the pages. */
async function deleteModels(client: SageMakerClient, prefix: string): Promise<void> {
  const names: string[] = [];
  for await (const { Models = [] } of paginateListModels({ client }, { NameContains: prefix })) names.push(...Models.map(({ ModelName }) => ModelName!));
  for (const ModelName of names.filter((name) => name.startsWith(prefix))) await orUndefined(client.send(new DeleteModelCommand({ ModelName })));
}

/** When an execution was last stopped before its end; a function that it called then may still be at work. */
export async function lastStopped(sfn: SFNClient, workflows: readonly string[]): Promise<number | undefined> {
  let latest: number | undefined;
  for (const workflow of workflows) {
    for await (const { stopDate } of executionsOf(sfn, workflow, 'ABORTED')) latest = Math.max(latest ?? 0, stopDate!.getTime());
  }
  return latest;
}

async function* executionsOf(client: SFNClient, stateMachineArn: string, statusFilter: ExecutionStatus): AsyncGenerator<ExecutionListItem> {
  try {
    for await (const { executions } of paginateListExecutions({ client }, { stateMachineArn, statusFilter })) yield* executions ?? [];
  } catch (error) {
    if (!(error instanceof StateMachineDoesNotExist)) throw error;
  }
}

async function stopExecutions(sfn: SFNClient, workflow: string): Promise<number> {
  let running = 0;
  for await (const { executionArn } of executionsOf(sfn, workflow, 'RUNNING')) {
    await sfn.send(new StopExecutionCommand({ executionArn }));
    running++;
  }
  return running;
}

/** A kind of job: the names of those in a status, and how one is stopped. */
interface JobKind {
  readonly title: string;
  names(client: SageMakerClient, which: { readonly NameContains: string; readonly StatusEquals: 'InProgress' | 'Stopping' }): AsyncIterable<string>;
  stop(client: SageMakerClient, name: string): Promise<unknown>;
}

const JOB_KINDS: readonly JobKind[] = [
  {
    title: 'training jobs',
    async* names(client, which) {
      for await (const { TrainingJobSummaries: jobs = [] } of paginateListTrainingJobs({ client }, { ...which })) for (const job of jobs) yield job.TrainingJobName!;
    },
    stop: (client, TrainingJobName) => client.send(new StopTrainingJobCommand({ TrainingJobName })),
  },
  {
    title: 'transform jobs',
    async* names(client, which) {
      for await (const { TransformJobSummaries: jobs = [] } of paginateListTransformJobs({ client }, { ...which })) for (const job of jobs) yield job.TransformJobName!;
    },
    stop: (client, TransformJobName) => client.send(new StopTransformJobCommand({ TransformJobName })),
  },
  {
    title: 'processing jobs',
    async* names(client, which) {
      for await (const { ProcessingJobSummaries: jobs = [] } of paginateListProcessingJobs({ client }, { ...which })) for (const job of jobs) yield job.ProcessingJobName!;
    },
    stop: (client, ProcessingJobName) => client.send(new StopProcessingJobCommand({ ProcessingJobName })),
  },
];

/** How many had not ended when they were listed. */
async function stopJobs(client: SageMakerClient, kind: JobKind, prefix: string): Promise<number> {
  let running = 0;
  for (const StatusEquals of ['InProgress', 'Stopping'] as const) {
    for await (const name of kind.names(client, { NameContains: prefix, StatusEquals })) {
      if (!name.startsWith(prefix)) continue;
      if (StatusEquals === 'InProgress') await unlessEnded(kind.stop(client, name));
      running++;
    }
  }
  return running;
}

/** A job may end between the list and the call; SageMaker then refuses to stop it, and the next look tells. */
async function unlessEnded(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ValidationException')) throw error;
  }
}
