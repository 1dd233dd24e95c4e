import type { Principal } from '../../service';
import type { World } from '../../world';
import type { Execution, HistoryEvent, Logging } from './state';

const DELIVERY: Principal = { kind: 'service', service: 'delivery.logs.amazonaws.com' };
const POLICY_NAME = 'AWSLogDeliveryWrite20150319';
const FLUSH_AFTER = 5_000;

/** Lets the delivery service write to the group, as Step Functions does in the name of the machine's role. */
export async function allowDelivery(world: World, role: Principal, group: string): Promise<void> {
  const { resourcePolicies = [] } = await world.call({ service: 'logs', operation: 'DescribeResourcePolicies', input: {}, caller: role });
  const existing = resourcePolicies.find(({ policyName }: { policyName: string }) => policyName === POLICY_NAME);
  const statements: Array<{ Resource: string }> = existing === undefined ? [] : JSON.parse(existing.policyDocument).Statement;
  const resource = `${world.arn('logs', `log-group:${group}`)}:log-stream:*`;
  if (statements.some(({ Resource }) => Resource === resource)) return;
  const statement = { Effect: 'Allow', Principal: { Service: 'delivery.logs.amazonaws.com' }, Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: resource };
  const policyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [...statements, statement] });
  await world.call({ service: 'logs', operation: 'PutResourcePolicy', input: { policyName: POLICY_NAME, policyDocument }, caller: role });
}

/** Writes the history of one execution to its machine's log group, a little later than it happens. */
export class ExecutionLog {
  private readonly stream: string;
  private pending: HistoryEvent[] = [];
  private tail: Promise<unknown> | undefined;

  constructor(private readonly world: World, private readonly logging: Logging, private readonly execution: Execution) {
    const minute = world.clock.date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
    this.stream = `states/${execution.machine.name}/${minute}/${world.random.uuid()}`;
  }

  add(event: HistoryEvent): void {
    if (!isLogged(event.type, this.logging.level)) return;
    this.pending.push(event);
    if (this.pending.length === 1) this.world.clock.after(FLUSH_AFTER, 'step functions log', () => this.flush());
  }

  private flush(): void {
    const logEvents = this.pending.splice(0).map((event) => ({ timestamp: event.timestamp.getTime(), message: this.line(event) }));
    this.tail = (this.tail ?? this.write('CreateLogStream', {})).then(() => this.write('PutLogEvents', { logEvents }));
    // Delivery is best effort: an execution never fails for its log.
    this.tail.catch(() => {});
  }

  private write(operation: string, input: object): Promise<unknown> {
    return this.world.call({ service: 'logs', operation, input: { logGroupName: this.logging.group, logStreamName: this.stream, ...input }, caller: DELIVERY });
  }

  private line({ id, previousEventId, timestamp, type, ...members }: HistoryEvent): string {
    const details: Record<string, unknown> = { ...(Object.values(members)[0] as object | undefined) };
    if (!this.logging.includeExecutionData) for (const name of ['input', 'output', 'parameters']) delete details[name];
    return JSON.stringify({
      id: String(id), type, details, redrive_count: '0', previous_event_id: String(previousEventId),
      event_timestamp: String(timestamp.getTime()), execution_arn: this.execution.arn,
    });
  }
}

function isLogged(type: string, level: string): boolean {
  if (level === 'ALL') return true;
  const bad = /(Failed|TimedOut|Aborted)$/.test(type);
  return level === 'ERROR' ? bad : level === 'FATAL' && bad && type.startsWith('Execution');
}
