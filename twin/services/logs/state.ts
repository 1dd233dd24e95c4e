import { AwsError, type PolicyDocument } from '../../service';
import type { World } from '../../world';
import { compileFilter, type Filter } from './filter-pattern';

export interface LogEvent {
  readonly eventId: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

export interface LogStream {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  events: LogEvent[];
}

export interface MetricTransformation {
  readonly metricName: string;
  readonly metricNamespace: string;
  /** A number, or a selector such as `$.latency`. */
  readonly metricValue: string;
  readonly defaultValue?: number;
  readonly unit?: string;
  /** Dimension name to selector. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

export interface MetricFilter {
  readonly name: string;
  readonly pattern: string;
  readonly matches: Filter;
  readonly transformations: readonly MetricTransformation[];
  readonly createdAt: number;
}

export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that the API adds. */
  readonly arn: string;
  readonly createdAt: number;
  retentionDays: number | undefined;
  kmsKeyId: string | undefined;
  logGroupClass: string;
  tags: Record<string, string>;
  readonly streams: Map<string, LogStream>;
  readonly metricFilters: Map<string, MetricFilter>;
}

const RETENTIONS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
const DAY = 24 * 3_600_000;

/** Log groups with their streams, and the account's resource policies. */
export class LogsState {
  readonly groups = new Map<string, LogGroup>();
  readonly resourcePolicies = new Map<string, PolicyDocument>();
  private serial = 0;

  constructor(private readonly world: World) {}

  group(nameOrArn: string): LogGroup {
    const name = groupName(nameOrArn);
    const group = this.groups.get(name);
    if (group === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    this.expire(group);
    return group;
  }

  stream(group: LogGroup, name: string): LogStream {
    const stream = group.streams.get(name);
    if (stream === undefined) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
    return stream;
  }

  createGroup(name: string, settings: Partial<Pick<LogGroup, 'retentionDays' | 'kmsKeyId' | 'logGroupClass' | 'tags'>>): LogGroup {
    if (this.groups.has(name)) throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    const group: LogGroup = {
      name, arn: this.groupArn(name), createdAt: this.world.clock.now(), streams: new Map(), metricFilters: new Map(),
      retentionDays: checkedRetention(settings.retentionDays), kmsKeyId: settings.kmsKeyId, logGroupClass: settings.logGroupClass ?? 'STANDARD', tags: settings.tags ?? {},
    };
    this.groups.set(name, group);
    return group;
  }

  createStream(group: LogGroup, name: string): LogStream {
    if (group.streams.has(name)) throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
    const stream: LogStream = { name, arn: `${group.arn}:log-stream:${name}`, createdAt: this.world.clock.now(), events: [] };
    group.streams.set(name, stream);
    return stream;
  }

  append(stream: LogStream, timestamp: number, message: string): LogEvent {
    const event = { eventId: String(++this.serial).padStart(56, '0'), timestamp, ingestionTime: this.world.clock.now(), message };
    stream.events.push(event);
    return event;
  }

  putMetricFilter(group: LogGroup, name: string, pattern: string, transformations: readonly MetricTransformation[]): void {
    group.metricFilters.set(name, { name, pattern, matches: compileFilter(pattern), transformations, createdAt: this.world.clock.now() });
  }

  groupArn(name: string): string {
    return this.world.arn('logs', `log-group:${name}`);
  }

  /** All resource policies of the account as one. */
  policy(): PolicyDocument | undefined {
    const documents = [...this.resourcePolicies.values()];
    return documents.length === 0 ? undefined : { Version: '2012-10-17', Statement: documents.flatMap(({ Statement }) => [Statement].flat()) };
  }

  private expire(group: LogGroup): void {
    if (group.retentionDays === undefined) return;
    const oldest = this.world.clock.now() - group.retentionDays * DAY;
    for (const stream of group.streams.values()) {
      if (stream.events.length > 0 && stream.events[0]!.timestamp < oldest) stream.events = stream.events.filter(({ timestamp }) => timestamp >= oldest);
    }
  }
}

export function checkedRetention(days: number | undefined): number | undefined {
  if (days === undefined || RETENTIONS.includes(days)) return days;
  throw new AwsError('InvalidParameterException', `Invalid retention value ${days}. Valid values are: [${RETENTIONS.join(', ')}]`);
}

export function groupName(nameOrArn: string): string {
  return /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(nameOrArn)?.[1] ?? nameOrArn;
}
