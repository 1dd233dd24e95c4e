import { HandlerTask, LAMBDA_ERRORS, TRANSIENT_ERRORS } from '../private/handler-task';

/** Handlers of the workflow. */
export interface ScanStatesOptions {
  readonly plan: HandlerTask;
  readonly scan: HandlerTask;
  readonly reduce: HandlerTask;
}

/** One scan in the States Language. Its input is `{ scheduledAt }`. One shard is scanned directly, many side by side. */
export function scanStates(functions: ScanStatesOptions): Record<string, unknown> {
  const task = (handler: HandlerTask, own: Record<string, unknown>) => ({
    Type: 'Task',
    ...handler,
    Retry: [
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
      PlanScan: task(functions.plan, { ResultPath: '$.scan', Next: 'Route' }),
      Route: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.scan.status', StringEquals: 'idle', Next: 'ReportIdle' },
          { Variable: '$.scan.shardCount', NumericEquals: 0, Next: 'ReduceScan' },
          { Variable: '$.scan.shardCount', NumericEquals: 1, Next: 'ScanCapture' },
        ],
        Default: 'ScanShards',
      },
      ReportIdle: task(functions.reduce, { Parameters: { 'scheduledAt.$': '$.scan.scheduledAt', 'reason.$': '$.scan.reason' }, End: true }),
      ScanCapture: task(functions.scan, { Parameters: { 'plan.$': '$.scan.plan', 'shard.$': '$.scan.shards[0]' }, ResultPath: null, Next: 'ReduceScan' }),
      ScanShards: {
        Type: 'Map',
        ItemsPath: '$.scan.shards',
        ItemSelector: { 'plan.$': '$.scan.plan', 'shard.$': '$$.Map.Item.Value' },
        MaxConcurrency: 50,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'ScanShard',
          States: { ScanShard: task(functions.scan, { End: true }) },
        },
        ResultPath: null,
        Next: 'ReduceScan',
      },
      ReduceScan: task(functions.reduce, { Parameters: { 'plan.$': '$.scan.plan' }, End: true }),
    },
  };
}
