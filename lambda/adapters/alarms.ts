import { paginateDescribeAlarms, type CloudWatchClient, type DescribeAlarmsCommandInput, type MetricAlarm } from '@aws-sdk/client-cloudwatch';

/** The metric alarms that fit, on however many pages. */
export async function metricAlarms(cloudwatch: CloudWatchClient, which: DescribeAlarmsCommandInput): Promise<MetricAlarm[]> {
  const alarms: MetricAlarm[] = [];
  for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: cloudwatch }, { ...which })) for (const alarm of MetricAlarms) alarms.push(alarm);
  return alarms;
}
