import type { StoredRetraining } from '../../../../lib/monitoring/start-retraining.contract';
import { expectThat } from '../expectations';
import { PREFIX, type Loop } from '../loop';

interface FailureNotice {
  readonly warning: string;
  readonly reason: Readonly<Record<string, string>>;
}

/** Every alarm of the stack tells the team when it rings and when it is over. */
export async function alarmsTell(loop: Loop): Promise<void> {
  for (const StateValue of ['ALARM', 'OK']) {
    const since = loop.now;
    for (const { AlarmName } of await loop.account.alarms()) {
      await loop.call('monitoring', 'SetAlarmState', { AlarmName, StateValue, StateReason: 'somebody tries whether anybody is told' });
    }
    await loop.twin.advance({ seconds: 10 });
    const mails = loop.mails(since);
    for (const { AlarmName } of await loop.account.alarms()) {
      expectThat(`alarm ${AlarmName} tells that it is ${StateValue}`, mails.some(({ text }) => text.startsWith(`${StateValue}: "${AlarmName}"`) && /Runbook: https:/.test(text)),
        `no mail says so; there are ${mails.length} others`);
    }
    // Its own look would come only at forty minutes past the hour.
    const { decidedAt } = await retrainingState(loop);
    expectThat('a change of the drift alarm is looked at once', Date.parse(decidedAt) >= since, `the last decision is of ${decidedAt}`);
  }
}

/** A run that cannot work fails with a reason, and the team is told. */
export async function failuresAreTold(loop: Loop): Promise<void> {
  const { account, names } = loop;
  const key = `${PREFIX}broken.csv`;
  let since = loop.now;
  await account.upload(names.dataBucket, key, 'departure,hour\n2001-01-31T00:00:00Z,0\n');
  await loop.markComplete();
  await expectFailure(loop, names.trainingPipeline, since, new RegExp(loop.label));
  await loop.call('s3', 'DeleteObject', { Bucket: names.dataBucket, Key: key });

  since = loop.now;
  await loop.call('codepipeline', 'StartPipelineExecution', {
    name: names.releasePipeline, variables: [{ name: 'PackageArn', value: loop.twin.arn('sagemaker', `model-package/${names.packageGroup}/99`) }],
  });
  await expectFailure(loop, names.releasePipeline, since, /99|does not exist/);
}

/** An event that nobody could handle rings an alarm until somebody has looked at it. */
export async function deadLettersRing(loop: Loop): Promise<void> {
  const QueueUrl = await loop.resource('AWS::SQS::Queue');
  const since = loop.now;
  await loop.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'an event' });
  await loop.until('a dead letter is told', async () => loop.mails(since).some(({ text }) => text.startsWith('ALARM: ') && /DeadLetters/.test(text)), 10);
  const { Messages: [{ ReceiptHandle }] } = await loop.call('sqs', 'ReceiveMessage', { QueueUrl });
  await loop.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
}

export async function retrainingState({ account, names }: Loop): Promise<StoredRetraining> {
  return account.readJson(names.artifactsBucket, `state/${names.loop}/retraining.json`) as Promise<StoredRetraining>;
}

async function expectFailure(loop: Loop, pipeline: string, since: number, reason: RegExp): Promise<void> {
  const { status, pipelineExecutionId } = await loop.ended(pipeline, since, 60);
  expectThat(`${pipeline} fails on what it cannot work with`, status === 'Failed', `the run is ${status}`);
  const failure = await loop.account.failure(pipeline, pipelineExecutionId);
  expectThat(`${pipeline} says why it failed, in a sentence`, reason.test(failure) && !/[{}]/.test(failure), `it says: ${failure}`);
  await loop.twin.advance({ seconds: 10 });
  // A notice has no subject.
  const notices = loop.mails(since).map(({ text }) => text.trim()).filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as FailureNotice);
  const notice = notices.find(({ warning }) => warning.includes(pipelineExecutionId));
  expectThat(`the team is notified that ${pipeline} failed`, notice !== undefined, 'no mail names the run');
  expectThat(`the team is notified why ${pipeline} failed`, reason.test(notice?.reason['external-execution-summary'] ?? ''), `the notice is: ${JSON.stringify(notice)}`);
}
