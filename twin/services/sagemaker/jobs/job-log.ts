import { AwsError } from '../../../service';
import type { Principal } from '../../../service';
import type { World } from '../../../world';

const BATCH = 1_000;

/** Writes a job's lines as its execution role. Without the permission they are lost, as on AWS; the job goes on. */
export async function writeJobLog(world: World, role: Principal, logGroupName: string, logStreamName: string, lines: readonly string[]): Promise<void> {
  const call = (operation: string, input: object) => world.call({ service: 'logs', operation, input, caller: role });
  if (lines.length === 0) return;
  try {
    // Asked for first, as for endpoints: see ContainerLogs.
    await call('CreateLogGroup', { logGroupName }).catch((error: unknown) => {
      if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
    });
    await call('CreateLogStream', { logGroupName, logStreamName });
    for (let start = 0; start < lines.length; start += BATCH) {
      const logEvents = lines.slice(start, start + BATCH).filter((line) => line !== '').map((message) => ({ timestamp: world.clock.now(), message }));
      if (logEvents.length > 0) await call('PutLogEvents', { logGroupName, logStreamName, logEvents });
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}
