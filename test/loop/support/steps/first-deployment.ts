import { expectEqual, expectThat } from '../expectations';
import type { Loop } from '../loop';

/** An empty account: both pipelines run once and find nothing to do, and nothing is or was red. */
export async function firstDeployment(loop: Loop): Promise<void> {
  const { trainingPipeline, releasePipeline } = loop.names;
  for (const pipeline of [trainingPipeline, releasePipeline]) await loop.expectSucceeded(pipeline, await loop.ended(pipeline, 0, 120));
  expectEqual('there is no endpoint before there is a model', await loop.account.endpoint(), undefined);
  // Past the first scan, which finds no endpoint.
  await loop.advance(75);
  expectThat('the monitor says that it has nothing to judge', (await reasons(loop)).some((reason) => /does not serve a registered model yet/.test(reason)), 'there is no such report');
  await quietAtFirst(loop);
}

/** No alarm rings, or rang, because the account is new. */
export async function quietAtFirst(loop: Loop): Promise<void> {
  await loop.advance(5);
  expectEqual('no alarm rang since the deployment', await alarmsThatRang(loop), []);
}

async function reasons({ account, names }: Loop): Promise<string[]> {
  const folder = `monitoring/${names.monitor}/reports/`;
  const keys = await account.keys(names.artifactsBucket, folder);
  const untimed = keys.filter((key) => Number.isNaN(Date.parse(key.slice(folder.length, -'.json'.length))));
  expectEqual('every report is filed under its time', untimed, []);
  return Promise.all(keys.map(async (key) => (await account.readJson(names.artifactsBucket, key)).reason as string));
}

/** Also those that are silent again. */
async function alarmsThatRang(loop: Loop): Promise<string[]> {
  const { AlarmHistoryItems } = await loop.call('monitoring', 'DescribeAlarmHistory', { HistoryItemType: 'StateUpdate' });
  return AlarmHistoryItems.filter(({ HistorySummary }: { HistorySummary: string }) => /to ALARM$/.test(HistorySummary)).map(({ AlarmName }: { AlarmName: string }) => AlarmName);
}
