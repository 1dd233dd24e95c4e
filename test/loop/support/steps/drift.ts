import { OCEAN } from '../airline';
import { championWasBeaten } from '../checks/package';
import { driftCanBeRead } from '../checks/reports';
import { servesAsPromised, trafficIsCaptured, updateWasGuarded } from '../checks/serving';
import { expectEqual, expectThat } from '../expectations';
import type { Loop } from '../loop';
import { retrainingState } from './notices';
import { newCandidate } from './training';

/** The airline crosses the ocean: within a window and the alarm's patience the drift is found, and told. */
export async function driftIsFound(loop: Loop): Promise<void> {
  loop.season = OCEAN;
  const since = loop.now;
  await loop.serveUntil('drift is found', async () => await loop.account.alarmState(loop.names.driftAlarm) === 'ALARM', 30);
  expectEqual('every request is answered', loop.failedRequests, 0);
  await trafficIsCaptured(loop);
  await everyScanEnds(loop);
  await driftCanBeRead(loop);
  expectThat('drift is told', loop.mails(since).some(({ text }) => text.startsWith(`ALARM: "${loop.names.driftAlarm}"`)), 'no mail tells of it');
}

/** Enough fresh rows start one retraining, whose candidate beats the champion. */
export async function retrained(loop: Loop): Promise<string> {
  const before = loop.now;
  // The new season's flights take the place of the old one's; none of them is newer than the drift.
  await loop.handInDays(7);
  let waited = '';
  await loop.serveUntil('enough fresh rows start a retraining', async () => {
    const { decision } = await retrainingState(loop);
    if (/^wait: .*fresh labelled rows/.test(decision)) waited ||= decision;
    return decision.startsWith('start: ');
  }, 12);
  expectThat('retraining waits for fresh rows, and says so', waited !== '', 'no decision says so');
  const candidate = await newCandidate(loop, before, 60);
  await championWasBeaten(loop, candidate);
  return candidate;
}

/** The retrained model takes over under traffic, and its own traffic is no drift to it. */
export async function calmAgain(loop: Loop, candidate: string): Promise<void> {
  const { trainingPipeline, releasePipeline, driftAlarm } = loop.names;
  const trainings = (await loop.account.executions(trainingPipeline)).length;
  const since = loop.now;
  await loop.account.approve(candidate);
  await loop.serveUntil('the retrained model is released', async () => {
    const [newest] = await loop.account.executions(releasePipeline);
    return newest!.startTime.getTime() >= since && newest!.status !== 'InProgress';
  }, 3);
  await loop.expectSucceeded(releasePipeline, (await loop.account.executions(releasePipeline))[0]!);
  await servesAsPromised(loop, candidate);
  await updateWasGuarded(loop);
  await loop.serveUntil('the drift alarm is over once the retrained model serves', async () => await loop.account.alarmState(driftAlarm) === 'OK', 8);
  await loop.twin.advance({ seconds: 10 });
  expectThat('the end of drift is told', loop.mails(since).some(({ text }) => text.startsWith(`OK: "${driftAlarm}"`)), 'no mail tells of it');
  expectEqual('every request is answered, by the old model or the new', loop.failedRequests, 0);
  await everyScanEnds(loop);
  expectEqual('one drift, one retraining', (await loop.account.executions(trainingPipeline)).length, trainings);
}

/** One that fails is made good by the next, and so would not show. */
async function everyScanEnds(loop: Loop): Promise<void> {
  const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'Monitor');
  const { executions } = await loop.call('states', 'ListExecutions', { stateMachineArn, statusFilter: 'FAILED' });
  expectThat('every scan comes to its end', executions.length === 0, `${executions.length} failed, the last at ${executions[0]?.startDate.toISOString()}`);
}
