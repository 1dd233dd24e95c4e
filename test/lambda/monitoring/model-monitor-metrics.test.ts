import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { publishModelMonitorFigures } from '../../../lambda/monitoring/scan/model-monitor-metrics';

async function published(figures: Parameters<typeof publishModelMonitorFigures>[3]) {
  const calls: any[] = []; // eslint-disable-line @typescript-eslint/no-explicit-any
  const cloudwatch = { send: async ({ input }: { input: unknown }) => { calls.push(input); } } as unknown as CloudWatchClient;
  const refused = await publishModelMonitorFigures(cloudwatch, { namespace: 'ns', scheduleName: 'hourly' }, 'flights', figures);
  return { calls, refused };
}

test('many values are published as what they were together', async () => {
  const { calls } = await published([{ name: 'feature_data_x', values: { count: 4, sum: 10, minimum: 1, maximum: 4 } }, { name: 'feature_non_null_x', values: 0.8 }]);
  const Dimensions = [{ Name: 'Endpoint', Value: 'flights' }, { Name: 'MonitoringSchedule', Value: 'hourly' }];
  expect(calls).toEqual([{
    Namespace: 'ns',
    MetricData: [
      { MetricName: 'feature_data_x', Dimensions, Unit: 'None', StatisticValues: { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 4 } },
      { MetricName: 'feature_non_null_x', Dimensions, Unit: 'None', Value: 0.8 },
    ],
  }]);
});

test('a wide table takes several calls, none larger than CloudWatch accepts, and nothing is lost', async () => {
  const { calls } = await published(Array.from({ length: 1500 }, (_, i) => ({ name: `feature_non_null_${i}`, values: 1 })));
  for (const { MetricData } of calls) expect(MetricData.length).toBeLessThanOrEqual(1000);
  expect(new Set(calls.flatMap(({ MetricData }) => MetricData.map(({ MetricName }: { MetricName: string }) => MetricName))).size).toBe(1500);
});

test('a name that is none for a metric is told, and the others are published', async () => {
  const { calls, refused } = await published([{ name: 'feature_non_null_größe', values: 1 }, { name: 'feature_non_null_x', values: 1 }]);
  expect(refused).toEqual(['feature_non_null_größe']);
  expect(calls[0].MetricData).toHaveLength(1);
});

test('a captured number larger than CloudWatch takes does not keep the others from being published', async () => {
  const { calls } = await published([{ name: 'feature_data_x', values: { count: 2, sum: 1.7e308, minimum: -1.7e308, maximum: 1.7e308 } }]);
  for (const value of Object.values(calls[0].MetricData[0].StatisticValues as Record<string, number>)) expect(Math.abs(value)).toBeLessThanOrEqual(2 ** 360);
});
