import type { Service } from '../../service';
import type { World } from '../../world';
import { logsOperations } from './api';
import { logsResources } from './resources';
import { LogsState } from './state';

/** A line of a log, with where and when. */
export interface StoredLine {
  readonly group: string;
  readonly stream: string;
  readonly time: number;
  readonly message: string;
}

/** Amazon CloudWatch Logs. */
export class LogsService implements Service {
  readonly name = 'logs';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly state: LogsState;

  constructor(world: World) {
    this.state = new LogsState(world);
    this.operations = logsOperations(world, this.state);
    this.resources = logsResources(this.state);
  }

  /** Everything stored, or that of one group, in the order of writing; for tests and reports. */
  lines(group?: string): StoredLine[] {
    const groups = group === undefined ? [...this.state.groups.values()] : [this.state.group(group)];
    return groups.flatMap(({ name, streams }) => [...streams.values()].flatMap((stream) => stream.events.map(({ eventId, timestamp, message }) => ({
      eventId, group: name, stream: stream.name, time: timestamp, message,
    })))).sort((one, other) => one.eventId.localeCompare(other.eventId)).map(({ eventId: _eventId, ...line }) => line);
  }

  remaining(): string[] {
    return [...this.state.groups.values()].map(({ arn }) => arn);
  }
}
