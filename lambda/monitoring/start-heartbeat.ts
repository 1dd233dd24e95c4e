import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { Logger } from '@aws-lambda-powertools/logger';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { DRIFT_METRICS, MONITOR_DIMENSIONS } from '../../lib/monitoring/drift-monitor.contract';
import { START_HEARTBEAT_ENV } from '../../lib/monitoring/start-heartbeat.contract';
import { answer, type Answer } from '../adapters/custom-resource';
import { lazyHandler } from '../adapters/lazy-handler';
import { isTransient } from '../adapters/transient';

/** An alarm that is made next looks at whole minutes, the present one left out. */
const BEFORE_MS = 2 * 60_000;

/**
 * Counts the deployment of a monitor as its first sign of life. Without it the heartbeat alarm, for which silence is
 * failure, would ring from the deployment until the first scan.
 */
export const handler = lazyHandler<CloudFormationCustomResourceEvent, void>(() => {
  const env = START_HEARTBEAT_ENV.read(process.env);
  const cloudwatch = new CloudWatchClient();
  const logger = new Logger({ serviceName: 'start-heartbeat' });

  return async (event) => {
    const id = 'PhysicalResourceId' in event ? event.PhysicalResourceId : `${env.MONITOR_NAME}-heartbeat`;
    let result: Answer = { status: 'SUCCESS', physicalResourceId: id };
    try {
      if (event.RequestType === 'Create') {
        await cloudwatch.send(new PutMetricDataCommand({
          Namespace: env.METRIC_NAMESPACE,
          MetricData: [{
            MetricName: DRIFT_METRICS.scans, Value: 1, Unit: 'Count', Timestamp: new Date(Date.now() - BEFORE_MS),
            Dimensions: [{ Name: MONITOR_DIMENSIONS.endpoint, Value: env.ENDPOINT_NAME }, { Name: MONITOR_DIMENSIONS.monitor, Value: env.MONITOR_NAME }],
          }],
        }));
      }
    } catch (error) {
      // Lambda tries again, after one and two minutes; the deployment of a whole stack shall not fail for a busy moment of AWS.
      if (isTransient(error)) throw error;
      logger.error('no first heartbeat', { error: String(error) });
      result = { status: 'FAILED', physicalResourceId: id, reason: `the first heartbeat could not be published: ${String(error)}` };
    }
    await answer(event, result);
  };
});
