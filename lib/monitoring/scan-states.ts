import { HandlerTask, LAMBDA_ERRORS, TRANSIENT_ERRORS } from '../private/handler-task';
import { SCAN_CAPACITY } from './drift-monitor.contract';

export interface ScanStatesOptions {
  /** Handlers of the workflow. */
  readonly plan: HandlerTask;
  readonly scan: HandlerTask;
  readonly reduce: HandlerTask;
  readonly partition: string;
  /** Where shards are listed, and the results of a map go. */
  readonly artifactsBucket: string;
  /** Maximum number of shards at the same time. */
  readonly concurrency?: number;
}

/**
 * One scan in the States Language. Its input is `{ scheduledAt }`. One shard is scanned directly, many side by side: their list and their
 * results lie in S3, so that the state stays as small for 20,000 shards as for two.
 */
export function scanStates(options: ScanStatesOptions): Record<string, unknown> {
  const { plan, scan, reduce, partition, artifactsBucket } = options;
  const task = (handler: HandlerTask, own: Record<string, unknown>) => ({
    Type: 'Task',
    ...handler,
    Retry: [
      // Others may need the account's functions for a while: an hour of shards is not given up for that.
      { ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 1, MaxAttempts: 60, BackoffRate: 2, MaxDelaySeconds: 30, JitterStrategy: 'FULL' },
      // A scan that met another one on the same file reads what that one wrote.
      { ErrorEquals: [...LAMBDA_ERRORS, 'ConcurrentWriteError'], IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2 },
      { ErrorEquals: TRANSIENT_ERRORS, IntervalSeconds: 10, MaxAttempts: 2, BackoffRate: 3 },
    ],
    ...own,
  });
  return {
    Comment: 'compares the trailing window of captured traffic with the baseline of the model now serving',
    StartAt: 'PlanScan',
    TimeoutSeconds: 55 * 60,
    States: {
      PlanScan: task(plan, {
        Parameters: { 'scheduledAt.$': '$.scheduledAt', 'execution.$': '$$.Execution.Name' }, ResultPath: '$.scan', Next: 'Route',
      }),
      Route: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.scan.status', StringEquals: 'idle', Next: 'ReportIdle' },
          { Variable: '$.scan.shardCount', NumericEquals: 0, Next: 'ReduceScan' },
          { Variable: '$.scan.shardCount', NumericEquals: 1, Next: 'ScanCapture' },
        ],
        Default: 'ScanShards',
      },
      ReportIdle: task(reduce, { Parameters: { 'scheduledAt.$': '$.scan.scheduledAt', 'reason.$': '$.scan.reason' }, End: true }),
      ScanCapture: task(scan, { Parameters: { 'plan.$': '$.scan.plan', 'shard.$': '$.scan.shard' }, ResultPath: null, Next: 'ReduceScan' }),
      ScanShards: {
        Type: 'Map',
        ItemReader: {
          Resource: `arn:${partition}:states:::s3:getObject`,
          ReaderConfig: { InputType: 'JSON' },
          Parameters: { 'Bucket': artifactsBucket, 'Key.$': '$.scan.shardsKey' },
        },
        ItemSelector: { 'plan.$': '$.scan.plan', 'shard.$': '$$.Map.Item.Value' },
        MaxConcurrency: options.concurrency ?? SCAN_CAPACITY.concurrency,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'ScanShard',
          States: { ScanShard: task(scan, { End: true }) },
        },
        // What was counted lies in the accumulators. These files say which shards failed, and why.
        ResultWriter: {
          Resource: `arn:${partition}:states:::s3:putObject`,
          Parameters: { 'Bucket': artifactsBucket, 'Prefix.$': '$.scan.resultsPrefix' },
          WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' },
        },
        // Nothing was begun yet. A shard that fails fails the scan, and the next one makes up for it.
        Retry: [{ ErrorEquals: ['States.ItemReaderFailed'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 }],
        ResultPath: null,
        Next: 'ReduceScan',
      },
      ReduceScan: task(reduce, { Parameters: { 'plan.$': '$.scan.plan' }, End: true }),
    },
  };
}
