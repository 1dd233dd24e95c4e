import { AwsError } from '../../service';
import type { Principal } from '../../service';
import type { World } from '../../world';
import type { Build } from './build';

/** A build's lines in CloudWatch Logs, written as the project's role. */
export class BuildLog {
  private pending: string[] = [];
  private enabled = false;

  constructor(private readonly world: World, private readonly build: Build, private readonly role: Principal) {}

  /** CodeBuild does not start a build whose log it cannot create. */
  async open(): Promise<void> {
    const config = this.build.settings.logsConfig?.cloudWatchLogs;
    if (config?.status === 'DISABLED') return;
    const uuid = this.build.id.split(':')[1]!;
    const groupName: string = config?.groupName ?? `/aws/codebuild/${this.build.project.name}`;
    const streamName = config?.streamName !== undefined ? `${config.streamName}/${uuid}` : uuid;
    const create = () => this.call('CreateLogStream', { logGroupName: groupName, logStreamName: streamName });
    try {
      await create();
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
      await this.call('CreateLogGroup', { logGroupName: groupName });
      await create();
    }
    this.build.log = { groupName, streamName };
    this.enabled = true;
  }

  write(line: string): void {
    if (line !== '') this.pending.push(line);
  }

  /** A line of CodeBuild's own. */
  note(line: string): void {
    this.write(`[Container] ${this.world.clock.date().toISOString().replace(/T/, ' ').replace(/Z$/, '')} ${line}`);
  }

  async flush(): Promise<void> {
    const lines = this.pending.splice(0);
    if (!this.enabled || lines.length === 0) return;
    const { groupName, streamName } = this.build.log!;
    try {
      await this.call('PutLogEvents', {
        logGroupName: groupName, logStreamName: streamName, logEvents: lines.map((message) => ({ timestamp: this.world.clock.now(), message })),
      });
    } catch (error) {
      // The build goes on; its lines are lost.
      if (!(error instanceof AwsError)) throw error;
    }
  }

  private call(operation: string, input: object) {
    return this.world.call({ service: 'logs', operation, input, caller: this.role });
  }
}
