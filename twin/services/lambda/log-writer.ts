import { ConnectionLost } from '../../http/faults';
import { AwsError, type Principal } from '../../service';
import type { World } from '../../world';
import type { Result } from './environment';
import type { LogLine } from './output';
import type { FunctionConfiguration } from './state';

export interface Report {
  readonly requestId: string;
  readonly startedAt: number;
  readonly result: Result;
}

/** Writes what an invocation logged to the function's log group, under the function's role. Without permission the lines are lost. */
export class LogWriter {
  /** Streams that exist, by group and name. */
  private readonly streams = new Set<string>();

  constructor(private readonly world: World) {}

  /** Returns what was, or would have been, written. */
  async write(configuration: FunctionConfiguration, report: Report): Promise<LogLine[]> {
    const lines = configuration.logging.format === 'JSON' ? this.jsonLines(configuration, report) : this.textLines(configuration, report);
    const logGroupName = configuration.logging.group;
    const logStreamName = report.result.logStream;
    const caller: Principal = { kind: 'role', roleArn: configuration.role, sessionName: configuration.name };
    const logs = (operation: string, input: object) => this.world.call({ service: 'logs', operation, input, caller });
    try {
      const stream = `${logGroupName}:${logStreamName}`;
      if (!this.streams.has(stream)) {
        await createStream(logs, logGroupName, logStreamName);
        this.streams.add(stream);
      }
      const logEvents = lines.map(({ time, message }) => ({ timestamp: time, message }));
      await logs('PutLogEvents', { logGroupName, logStreamName, logEvents });
    } catch (error) {
      // Nobody is told, as on AWS; the denial is in the record of calls.
      if (!(error instanceof AwsError || error instanceof ConnectionLost)) throw error;
    }
    return lines;
  }

  private textLines({ version, memoryMb }: FunctionConfiguration, { requestId, startedAt, result }: Report): LogLine[] {
    const now = this.world.clock.now();
    const duration = Math.max(1, now - startedAt);
    const failure = platformFailure(result);
    return [
      { time: startedAt, message: `START RequestId: ${requestId} Version: ${version}` },
      ...result.lines,
      ...(failure === undefined ? [] : [{
        time: now,
        message: failure.errorType === 'Sandbox.Timedout' ? `${new Date(now).toISOString()} ${requestId} ${failure.errorMessage.replace(/^.*? Error: /, '')}`
          : `${failure.errorMessage}\n${failure.errorType}`,
      }]),
      { time: now, message: `END RequestId: ${requestId}` },
      {
        time: now,
        message: `REPORT RequestId: ${requestId}\tDuration: ${duration.toFixed(2)} ms\tBilled Duration: ${duration} ms\tMemory Size: ${memoryMb} MB`
          + `\tMax Memory Used: ${memoryMb} MB${failure?.errorType === 'Sandbox.Timedout' ? '\tStatus: timeout' : ''}`,
      },
    ];
  }

  private jsonLines({ version, memoryMb }: FunctionConfiguration, { requestId, startedAt, result }: Report): LogLine[] {
    const now = this.world.clock.now();
    const duration = Math.max(1, now - startedAt);
    const failure = platformFailure(result);
    const line = (time: number, type: string, record: object) => ({ time, message: JSON.stringify({ time: new Date(time).toISOString(), type, record }) });
    return [
      line(startedAt, 'platform.start', { requestId, version }),
      ...result.lines,
      line(now, 'platform.report', {
        requestId, status: failure === undefined ? 'success' : failure.errorType === 'Sandbox.Timedout' ? 'timeout' : 'error',
        ...(failure !== undefined && { errorType: failure.errorType }),
        metrics: { durationMs: duration, billedDurationMs: duration, memorySizeMB: memoryMb, maxMemoryUsedMB: memoryMb },
      }),
    ];
  }
}

/** A failure of the process rather than of the handler. */
function platformFailure({ failed, payload }: Result): { errorType: string; errorMessage: string } | undefined {
  if (!failed) return undefined;
  const error = JSON.parse(payload) as { errorType: string; errorMessage: string };
  return error.errorType === 'Sandbox.Timedout' || error.errorType === 'Runtime.ExitError' ? error : undefined;
}

/** A group that is missing is made on the way, if the role may; it then has no retention. */
async function createStream(logs: (operation: string, input: object) => Promise<unknown>, logGroupName: string, logStreamName: string): Promise<void> {
  try {
    await logs('CreateLogStream', { logGroupName, logStreamName });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
    await logs('CreateLogGroup', { logGroupName });
    await logs('CreateLogStream', { logGroupName, logStreamName });
  }
}
