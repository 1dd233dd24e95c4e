import type { World } from '../../world';
import type { CloudWatchService } from '../cloudwatch';

/** Publishes what Lambda publishes about a function by itself. */
export function functionMetrics(world: World, functionName: string): (MetricName: string, value: number) => void {
  const { metrics } = world.service<CloudWatchService>('monitoring');
  const Dimensions = [{ Name: 'FunctionName', Value: functionName }];
  return (MetricName, value) => metrics.put(metrics.seriesOf({ Namespace: 'AWS/Lambda', MetricName, Dimensions }), world.clock.now(), { value });
}
