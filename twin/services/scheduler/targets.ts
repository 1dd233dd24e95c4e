import { Models } from '../../http';
import { AwsError, type Principal } from '../../service';
import type { World } from '../../world';
import { queueUrl } from '../events/targets';
import type { ScheduleTarget } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs of many services */

interface Request {
  readonly service: string;
  readonly operation: string;
  readonly input: any;
}

const UNIVERSAL = /^arn:[^:]+:scheduler:::aws-sdk:([a-z0-9-]+):([A-Za-z0-9]+)$/;

/** Signing names of APIs whose SDK name, without hyphens, is another. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  sfn: 'states', eventbridge: 'events', cloudwatch: 'monitoring', cloudwatchlogs: 'logs', applicationautoscaling: 'application-autoscaling', sagemakerruntime: 'sagemaker',
};

/** The session of every role the Scheduler takes on. */
export const SESSION = 'scheduler';

/** What a schedule calls: an API of the target's own kind, or any at all for `aws-sdk:service:operation`. */
export function requestFor(world: World, target: ScheduleTarget): Request {
  const universal = UNIVERSAL.exec(target.Arn);
  const input = target.Input ?? '{}';
  if (universal !== null) {
    const [, name, operation] = universal as unknown as [string, string, string];
    const service = SIGNING_NAMES[name] ?? name;
    const Operation = operation.charAt(0).toUpperCase() + operation.slice(1);
    if (Models.load().operation(service, Operation) === undefined) throw unsupported(target.Arn);
    return { service, operation: Operation, input: parsed(input) };
  }
  switch (target.Arn.split(':')[2]) {
    case 'lambda': return { service: 'lambda', operation: 'Invoke', input: { FunctionName: target.Arn, InvocationType: 'Event', Payload: Buffer.from(input) } };
    case 'states': return { service: 'states', operation: 'StartExecution', input: { stateMachineArn: target.Arn, input } };
    case 'sqs': return { service: 'sqs', operation: 'SendMessage', input: { QueueUrl: queueUrl(world, target.Arn), MessageBody: input } };
    case 'sns': return { service: 'sns', operation: 'Publish', input: { TopicArn: target.Arn, Message: input } };
    case 'codepipeline': return { service: 'codepipeline', operation: 'StartPipelineExecution', input: { name: target.Arn.split(':')[5] } };
    case 'events': {
      const { DetailType, Source } = target.EventBridgeParameters ?? {};
      return { service: 'events', operation: 'PutEvents', input: { Entries: [{ EventBusName: target.Arn, DetailType, Source, Detail: input }] } };
    }
    default: throw unsupported(target.Arn);
  }
}

/** As the target's role, which must trust the Scheduler. */
export async function callTarget(world: World, groupArn: string, target: ScheduleTarget): Promise<void> {
  const request = requestFor(world, target);
  await world.call({
    service: 'sts', operation: 'AssumeRole', input: { RoleArn: target.RoleArn, RoleSessionName: SESSION },
    caller: { kind: 'service', service: 'scheduler.amazonaws.com', sourceArn: groupArn, sourceAccount: world.account },
  });
  const caller: Principal = { kind: 'role', roleArn: target.RoleArn, sessionName: SESSION };
  const output = await world.call({ ...request, caller });
  const failed = request.service === 'events' ? output.Entries?.find(({ ErrorCode }: any) => ErrorCode !== undefined) : undefined;
  if (failed !== undefined) throw new AwsError(failed.ErrorCode, failed.ErrorMessage);
}

function unsupported(arn: string): AwsError {
  return new AwsError('ValidationException', `the twin cannot call the target ${arn}; it calls Lambda, Step Functions, SQS, SNS, CodePipeline, event buses, and aws-sdk targets it implements`);
}

function parsed(input: string): any {
  try {
    return JSON.parse(input);
  } catch {
    throw new AwsError('ValidationException', `Invalid Input ${JSON.stringify(input)}: a universal target takes the operation's parameters as JSON`);
  }
}
