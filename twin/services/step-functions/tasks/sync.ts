import { AwsError } from '../../../service';
import { Models } from '../../../http/model';
import type { Json } from '../definition';
import { StateFailure } from '../failure';
import type { Integration, JobKind } from './integrations';
import { toStateData } from './shapes';
import { callAs, failureOf, type Task } from './task';

const FIRST_POLL = 10_000;
const SLOWEST_POLL = 60_000;

/** Starts a job and resumes when it has ended, with what its description then says. */
export async function waitForJob(integration: Integration, job: JobKind, task: Task, input: Json, pattern: string): Promise<Json> {
  const service = integration.operation.service.signingName;
  const started = await callAs(integration, task, integration.operation.name, withMark(service, input));
  task.note('TaskSubmitted', { output: JSON.stringify(toStateData(integration.operation, started, integration.timestamps)) });
  const key = { [job.key]: job.keyIn === 'request' ? input[job.key] : started[job.key] };
  const withdraw = task.scope.onCancel(() => {
    // Best effort, as on AWS: the execution ends whether or not the job can be stopped.
    void task.world.call({ service, operation: job.stop, input: key, caller: task.caller }).catch(() => {});
  });
  const description = await untilEnded(integration, job, task, key);
  withdraw();
  if (service === 'sagemaker') await confirmMark(integration, task, started);
  const data = present(job, description, pattern, service);
  if (!isSuccess(job, description[job.status], task)) throw new StateFailure('States.TaskFailed', JSON.stringify(data));
  return data;
}

function isSuccess(job: JobKind, status: string, { conditions }: Task): boolean {
  return job.succeeded.includes(status) || (status === job.stopped && conditions.stoppedJob === 'completes');
}

async function untilEnded(integration: Integration, job: JobKind, task: Task, key: Json): Promise<Json> {
  for (let wait = FIRST_POLL; ; wait = Math.min(wait * 1.5, SLOWEST_POLL)) {
    await pause(task, wait);
    const description = await look(integration, job, task, key);
    if (description !== undefined && !job.running.includes(description[job.status])) return description;
  }
}

/** The job's description; undefined if the service had a bad moment, for Step Functions looks again. */
async function look(integration: Integration, job: JobKind, task: Task, key: Json): Promise<Json> {
  const { world, caller } = task;
  try {
    return await world.call({ service: integration.operation.service.signingName, operation: job.describe, input: key, caller });
  } catch (error) {
    if (error instanceof AwsError && (error.httpStatus >= 500 || /Throttl|TooManyRequests/.test(error.code))) return undefined;
    throw failureOf(integration, task, error);
  }
}

/** Sleeps on the virtual clock; a cancelled task never wakes. */
function pause(task: Task, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const withdraw = task.scope.onCancel(() => timer.cancel());
    const timer = task.world.clock.after(milliseconds, 'step functions: wait for job', () => {
      withdraw();
      resolve();
    });
  });
}

/** Step Functions marks the jobs it waits for, which is why the role needs sagemaker:AddTags. */
function withMark(service: string, input: Json): Json {
  if (service !== 'sagemaker') return input;
  return { ...input, Tags: [...(input.Tags ?? []), { Key: 'MANAGED_BY_AWS', Value: 'STARTED_BY_STEP_FUNCTIONS' }] };
}

/** On the job's end Step Functions reads its tags to see that the job is one of its own. */
async function confirmMark(integration: Integration, task: Task, started: Json): Promise<void> {
  const [arn] = Object.entries(started).filter(([name]) => name.endsWith('JobArn')).map(([, value]) => value);
  await callAs(integration, task, 'ListTags', { ResourceArn: arn });
}

function present(job: JobKind, description: Json, pattern: string, service: string): Json {
  const data = toStateData(Models.load().operation(service, job.describe)!, description, 'milliseconds');
  if (pattern !== 'sync:2') return data;
  // The second form of nested executions hands input and output on as JSON instead of text.
  return { ...data, Input: parsed(data.Input), ...(data.Output === undefined ? {} : { Output: parsed(data.Output) }) };
}

function parsed(text: string): Json {
  return JSON.parse(text);
}
