import { AwsError, Principal } from '../../../service';
import { World } from '../../../world';
import { Fleet } from './fleet';
import { executionRole } from '../jobs/execution-role';

const DELIVERY = 30_000;

interface Stream {
  readonly group: string;
  readonly name: string;
  readonly role: Principal;
  lines: Array<{ timestamp: number; message: string }>;
  ready?: Promise<boolean>;
}

/** Takes what containers print to `/aws/sagemaker/Endpoints/NAME`, as the execution role; a role that may not write logs loses them. */
export class ContainerLogs {
  private readonly streams = new Map<string, Stream>();

  constructor(private readonly world: World) {}

  add(endpoint: string, fleet: Fleet, variantName: string, message: string): void {
    const variant = fleet.variants.find(({ name }) => name === variantName)!;
    const group = `/aws/sagemaker/Endpoints/${endpoint}`;
    const name = `${variantName}/${variant.instanceId}`;
    const key = `${group}:${name}`;
    let stream = this.streams.get(key);
    if (!stream) this.streams.set(key, stream = { group, name, role: executionRole(variant.model.roleArn), lines: [] });
    if (stream.lines.length === 0) {
      const waiting = stream;
      this.world.clock.after(DELIVERY, `sagemaker: logs of ${endpoint}`, () => this.deliver(waiting));
    }
    if (message !== '') stream.lines.push({ timestamp: this.world.clock.now(), message });
  }

  private async deliver(stream: Stream): Promise<void> {
    const logEvents = stream.lines;
    stream.lines = [];
    if (logEvents.length === 0 || !await (stream.ready ??= this.open(stream))) return;
    await this.call(stream, 'PutLogEvents', { logStreamName: stream.name, logEvents });
  }

  /**
   * Whether SageMaker asks for the group even where it exists is not documented; the developer guide's policy of an execution role for
   * `CreateModel` allows it. So it is asked for first, and a role that may not create it has no logs.
   */
  private async open(stream: Stream): Promise<boolean> {
    return await this.call(stream, 'CreateLogGroup', {}) && this.call(stream, 'CreateLogStream', { logStreamName: stream.name });
  }

  /** False if the call was refused, for another reason than that the thing is there already. */
  private async call(stream: Stream, operation: string, input: object): Promise<boolean> {
    try {
      await this.world.call({ service: 'logs', operation, input: { logGroupName: stream.group, ...input }, caller: stream.role });
      return true;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return error.code === 'ResourceAlreadyExistsException';
    }
  }
}
