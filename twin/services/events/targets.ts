import { AwsError, type Principal } from '../../service';
import type { World } from '../../world';
import type { BusEvent, Rule, Target } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs of many services */

export interface Parcel {
  readonly world: World;
  readonly rule: Pick<Rule, 'arn' | 'name'>;
  readonly target: Target;
  readonly event: BusEvent;
  /** What the target gets. */
  readonly input: string;
}

type Deliver = (parcel: Parcel) => Promise<unknown>;

/** Kinds of target by the service of their ARN. Those of `roles` are reached under the target's role. */
const KINDS: Readonly<Record<string, { readonly deliver: Deliver; readonly needsRole: boolean }>> = {
  lambda: {
    needsRole: false,
    deliver: ({ world, rule, target, input }) => world.call({
      service: 'lambda', operation: 'Invoke', caller: eventBridge(world, rule.arn),
      input: { FunctionName: target.Arn, InvocationType: 'Event', Payload: Buffer.from(input) },
    }),
  },
  sqs: {
    needsRole: false,
    deliver: ({ world, rule, target, input }) => world.call({
      service: 'sqs', operation: 'SendMessage', caller: eventBridge(world, rule.arn), input: { QueueUrl: queueUrl(world, target.Arn), MessageBody: input },
    }),
  },
  sns: {
    needsRole: false,
    // SNS sees neither the rule nor the account behind it, so no condition on either can hold.
    deliver: ({ world, target, input }) => world.call({
      service: 'sns', operation: 'Publish', caller: { kind: 'service', service: 'events.amazonaws.com' }, input: { TopicArn: target.Arn, Message: input },
    }),
  },
  logs: { needsRole: false, deliver: toLogs },
  states: {
    needsRole: true,
    deliver: async (parcel) => parcel.world.call({
      service: 'states', operation: 'StartExecution', caller: await assumed(parcel), input: { stateMachineArn: parcel.target.Arn, input: parcel.input },
    }),
  },
  codepipeline: { needsRole: true, deliver: toPipeline },
  events: { needsRole: true, deliver: toBus },
};

/** Refuses a target that could not be delivered to. */
export function checkTarget(target: Target): void {
  const service = target.Arn.split(':')[2] ?? '';
  const kind = KINDS[service];
  if (kind === undefined) throw new AwsError('ValidationException', `the twin does not deliver events to ${target.Arn}; it delivers to ${Object.keys(KINDS).join(', ')}`);
  if (kind.needsRole && target.RoleArn === undefined) throw new AwsError('ValidationException', `RoleArn is required for target ${target.Arn}.`);
  if (!kind.needsRole && target.RoleArn !== undefined && service === 'lambda') {
    throw new AwsError('ValidationException', `RoleArn is not supported for target ${target.Arn}.`);
  }
}

export async function deliver(parcel: Parcel): Promise<void> {
  await KINDS[parcel.target.Arn.split(':')[2]!]!.deliver(parcel);
}

export function eventBridge(world: World, sourceArn: string): Principal {
  return { kind: 'service', service: 'events.amazonaws.com', sourceArn, sourceAccount: world.account };
}

export function queueUrl(world: World, arn: string): string {
  const [, , , , account, name] = arn.split(':');
  return `${world.endpoint}/${account}/${name}`;
}

async function assumed({ world, rule, target }: Parcel): Promise<Principal> {
  const RoleArn = target.RoleArn!;
  await world.call({ service: 'sts', operation: 'AssumeRole', caller: eventBridge(world, rule.arn), input: { RoleArn, RoleSessionName: 'events' } });
  return { kind: 'role', roleArn: RoleArn, sessionName: 'events' };
}

/** An input of its own may name source revisions and variables; the event as it is says nothing to a pipeline. */
async function toPipeline(parcel: Parcel): Promise<void> {
  const { world, target, input } = parcel;
  const own = target.Input !== undefined || target.InputTransformer !== undefined ? JSON.parse(input) as Record<string, any> : {};
  const { sourceRevisions, variables } = own;
  await world.call({
    service: 'codepipeline', operation: 'StartPipelineExecution', caller: await assumed(parcel),
    input: { name: target.Arn.split(':')[5], ...(sourceRevisions !== undefined && { sourceRevisions }), ...(variables !== undefined && { variables }) },
  });
}

/** Events on their way from bus to bus, which keep their identity. */
export const forwarded = new WeakMap<object, BusEvent>();

async function toBus(parcel: Parcel): Promise<void> {
  const { world, target, event } = parcel;
  const entry = {
    EventBusName: target.Arn, Source: event.source, DetailType: event['detail-type'], Detail: JSON.stringify(event.detail), Resources: [...event.resources],
  };
  forwarded.set(entry, event);
  const output = await world.call({ service: 'events', operation: 'PutEvents', caller: await assumed(parcel), input: { Entries: [entry] } });
  const [result] = output.Entries;
  if (result.ErrorCode !== undefined) throw new AwsError(result.ErrorCode, result.ErrorMessage);
}

async function toLogs({ world, rule, target, event, input }: Parcel): Promise<void> {
  const logGroupName = target.Arn.split(':')[6]!;
  const logStreamName = event.id;
  const caller = eventBridge(world, rule.arn);
  await world.call({ service: 'logs', operation: 'CreateLogStream', caller, input: { logGroupName, logStreamName } });
  const logEvents = [{ timestamp: world.clock.now(), message: input }];
  await world.call({ service: 'logs', operation: 'PutLogEvents', caller, input: { logGroupName, logStreamName, logEvents } });
}
