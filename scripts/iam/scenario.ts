import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { Account } from '../../bin/story/account';
import { namesOf } from '../../bin/story/names';
import { OCEAN } from '../../test/loop/support/airline';
import { HOUR, Loop, START } from '../../test/loop/support/loop';
import { AwsError, Twin } from '../../twin';
import { STACK, synthesizeFullLoop } from './app';
import { readGrants } from './grants';
import { Mishaps } from './mishaps';
import { Observer } from './observer';
import type { Grant } from './statement';
import { evidenceOf, type Evidence } from './verification';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Plays the loop with its side paths from the first deployment to the last deletion, and keeps who asked for which permission. */
export async function gatherEvidence(say: (line: string) => void = () => {}): Promise<Evidence> {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-iam-'));
  const observer = new Observer();
  const mishaps = new Mishaps();
  let twin: Twin | undefined;
  try {
    synthesizeFullLoop(directory);
    twin = await Twin.fromAssembly(directory, { startTime: START, authorization: observer, faults: mishaps });
    await observer.attach(twin);
    const loop = new Loop(new Account(twin, namesOf(await twin.deploy())), STACK);
    const grants: readonly Grant[] = readGrants(twin, STACK);
    for (const [title, chapter] of Object.entries(CHAPTERS)) {
      const begun = performance.now();
      await chapter(loop, mishaps);
      say(`${title}, ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    }
    await twin.destroy();
    return await evidenceOf(grants, observer, twin);
  } finally {
    await twin?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

type Chapter = (loop: Loop, mishaps: Mishaps) => Promise<void>;

const CHAPTERS: Readonly<Record<string, Chapter>> = {
  'an empty account': async (loop) => {
    const { trainingPipeline, releasePipeline } = loop.names;
    for (const pipeline of [trainingPipeline, releasePipeline]) await loop.expectSucceeded(pipeline, await loop.ended(pipeline, 0, 120));
  },
  'a job that is stopped': async (loop) => {
    await loop.handInDays(7);
    for (const state of ['Train', 'EvaluateCandidate']) await stopWhile(loop, state);
  },
  'the first model': async (loop) => {
    const since = loop.now;
    await loop.markComplete();
    await loop.expectSucceeded(loop.names.releasePipeline, await loop.ended(loop.names.releasePipeline, since, 300));
  },
  'traffic, drift, retraining, release': async (loop) => {
    for (let hours = 0; hours < 3; hours++) await loop.serveHour();
    loop.season = OCEAN;
    const since = loop.now;
    const releases = async () => (await loop.account.executions(loop.names.releasePipeline)).filter(({ startTime }) => startTime.getTime() > since);
    await loop.serveUntil('a retrained model is released', async () => (await releases()).some(({ status }) => status === 'Succeeded'), 72);
    // The scan after it counts the whole window again, in several shards.
    for (let hours = 0; hours < 2; hours++) await loop.serveHour();
  },
  'a model is rejected': async (loop) => {
    const since = loop.now;
    const { EndpointConfigName } = await loop.account.endpoint();
    const { ProductionVariants: [{ ModelName }] } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
    const { Containers, PrimaryContainer = Containers[0] } = await loop.call('sagemaker', 'DescribeModel', { ModelName });
    await loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: PrimaryContainer.ModelPackageName, ModelApprovalStatus: 'Rejected', ApprovalDescription: 'bad' });
    await loop.expectSucceeded(loop.names.releasePipeline, await loop.ended(loop.names.releasePipeline, since, 240));
  },
  'events that nobody can handle': async (loop, mishaps) => {
    // What no handler understands goes to the queue after its retries, under the role of the function.
    for (const { FunctionName } of (await loop.call('lambda', 'ListFunctions')).Functions) {
      await loop.call('lambda', 'Invoke', { FunctionName, InvocationType: 'Event', Payload: Buffer.from('"no event"') });
    }
    await loop.advance(15);
    // A target that is gone sends its event to the queue, under the name of the rule.
    const gone = new AwsError('ResourceNotFoundException', 'gone', 404);
    await mishaps.during(gone, ({ caller, service }) => caller.kind === 'service' && caller.service === 'events.amazonaws.com' && !['sqs', 'sts'].includes(service)
      || caller.kind === 'role' && caller.sessionName === 'events', async () => {
      await everyRule(loop);
    });
  },
};

async function stopWhile(loop: Loop, state: string): Promise<void> {
  const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'LoopTraining');
  const since = loop.now;
  await loop.markComplete();
  let executionArn = '';
  await loop.until(`the training workflow is at ${state}`, async () => {
    const { executions } = await loop.call('states', 'ListExecutions', { stateMachineArn, statusFilter: 'RUNNING' });
    if (executions.length === 0) return false;
    executionArn = executions[0].executionArn;
    const { events } = await loop.call('states', 'GetExecutionHistory', { executionArn, reverseOrder: true, maxResults: 10 });
    return events.some(({ stateEnteredEventDetails }: any) => stateEnteredEventDetails?.name === state);
  }, 120);
  await loop.call('states', 'StopExecution', { executionArn, cause: 'somebody stops it' });
  await loop.ended(loop.names.trainingPipeline, since, 60);
}

/** Makes each rule send something. */
async function everyRule(loop: Loop): Promise<void> {
  await loop.markComplete();
  for (const { AlarmName } of await loop.account.alarms()) {
    for (const StateValue of ['ALARM', 'OK']) await loop.call('monitoring', 'SetAlarmState', { AlarmName, StateValue, StateReason: 'a trial' });
  }
  const { ModelPackageSummaryList } = await loop.call('sagemaker', 'ListModelPackages', { ModelPackageGroupName: loop.names.packageGroup });
  for (const ModelApprovalStatus of ['PendingManualApproval', 'Rejected']) {
    await loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: ModelPackageSummaryList[0].ModelPackageArn, ModelApprovalStatus });
  }
  await loop.twin.clock.advanceTo(Math.floor(loop.now / HOUR) * HOUR + 2 * HOUR);
}

