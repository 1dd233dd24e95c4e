import { ConnectionLost } from '../../http/faults';
import { AwsError, type Principal } from '../../service';
import type { World } from '../../world';
import { functionMetrics } from './metrics';
import { DEFAULT_ASYNC, type FunctionConfiguration, type FunctionRecord, type Outcome } from './state';

/** An event that Lambda has taken in and owes to a function. */
export interface AsyncEvent {
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly requestId: string;
  readonly payload: string;
}

export interface Target {
  readonly record: FunctionRecord;
  readonly configuration: FunctionConfiguration;
}

/** How Lambda runs a function, as far as its queue of events is concerned. `find` gives undefined for a function that is gone. */
export interface AsyncRunner {
  find(event: AsyncEvent): Target | undefined;
  /** Throws TooManyRequestsException when the function may not run now. */
  run(target: Target, event: AsyncEvent): Promise<Outcome>;
}

const MINUTE = 60_000;
const MOST_PATIENCE = 5 * MINUTE;

/** Lambda's queue of asynchronous events: retries after one and two minutes, back-off while throttled, then a destination or dead letter. */
export class AsyncEvents {
  /** Events not done with. */
  pending = 0;

  constructor(private readonly world: World, private readonly runner: AsyncRunner) {}

  accept(event: AsyncEvent): void {
    this.pending += 1;
    this.attemptAfter(0, { event, acceptedAt: this.world.clock.now(), failures: 0, throttles: 0 });
  }

  private attemptAfter(milliseconds: number, delivery: Delivery): void {
    this.world.clock.after(milliseconds, `event for ${delivery.event.functionName}`, () => this.attempt(delivery));
  }

  private async attempt(delivery: Delivery): Promise<void> {
    const { event } = delivery;
    const target = this.runner.find(event);
    if (target === undefined) {
      this.pending -= 1;
      return;
    }
    const { maximumRetryAttempts, maximumEventAgeSeconds } = target.record.asyncConfiguration ?? DEFAULT_ASYNC;
    const expired = (wait: number) => this.world.clock.now() + wait - delivery.acceptedAt > maximumEventAgeSeconds * 1000;
    let outcome: Outcome | undefined;
    try {
      outcome = await this.runner.run(target, event);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const wait = Math.min(MOST_PATIENCE, 1000 * 2 ** delivery.throttles);
      if (expired(wait)) return this.giveUp(target, delivery, 'EventAgeExceeded', undefined);
      return this.attemptAfter(wait, { ...delivery, throttles: delivery.throttles + 1 });
    }
    if (outcome.error === undefined) return this.finish(target, delivery, 'Success', outcome);
    const failures = delivery.failures + 1;
    const failed = { ...delivery, failures };
    if (failures > maximumRetryAttempts) return this.giveUp(target, failed, 'RetriesExhausted', outcome);
    if (expired(failures * MINUTE)) return this.giveUp(target, failed, 'EventAgeExceeded', outcome);
    this.attemptAfter(failures * MINUTE, failed);
  }

  private async finish(target: Target, delivery: Delivery, condition: Condition, outcome: Outcome | undefined): Promise<void> {
    const configuration = target.record.asyncConfiguration;
    const destination = condition === 'Success' ? configuration?.onSuccess : configuration?.onFailure;
    if (destination !== undefined) await this.send(target, destination, destinationRecord(this.world, target, delivery, condition, outcome));
    this.pending -= 1;
  }

  private async giveUp(target: Target, delivery: Delivery, condition: Condition, outcome: Outcome | undefined): Promise<void> {
    const { deadLetterTargetArn } = target.configuration;
    functionMetrics(this.world, target.record.name)('AsyncEventsDropped', 1);
    if (deadLetterTargetArn !== undefined) await this.deadLetter(target, deadLetterTargetArn, delivery, outcome);
    await this.finish(target, delivery, condition, outcome);
  }

  /** A dead letter is the event itself; why it died is in the attributes. */
  private async deadLetter(target: Target, arn: string, { event }: Delivery, outcome: Outcome | undefined): Promise<void> {
    const error = outcome === undefined ? undefined : JSON.parse(outcome.payload) as { errorMessage?: string };
    const text = (DataType: string, StringValue: string) => ({ DataType, StringValue });
    const MessageAttributes = {
      RequestID: text('String', event.requestId),
      ErrorCode: text('Number', '200'),
      ErrorMessage: text('String', (error?.errorMessage || 'unknown').slice(0, 1024)),
    };
    await this.send(target, arn, event.payload, MessageAttributes);
  }

  private async send({ configuration }: Target, arn: string, message: string, MessageAttributes?: object): Promise<void> {
    const caller: Principal = { kind: 'role', roleArn: configuration.role, sessionName: configuration.name };
    const attributes = MessageAttributes === undefined ? {} : { MessageAttributes };
    try {
      await sendTo(this.world, arn, message, attributes, caller);
    } catch (error) {
      // Lambda drops what it may not deliver; the refusal is in the record of calls.
      if (!(error instanceof AwsError || error instanceof ConnectionLost)) throw error;
      functionMetrics(this.world, configuration.name)(MessageAttributes === undefined ? 'DestinationDeliveryFailures' : 'DeadLetterErrors', 1);
    }
  }
}

type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

interface Delivery {
  readonly event: AsyncEvent;
  readonly acceptedAt: number;
  readonly failures: number;
  readonly throttles: number;
}

function destinationRecord(world: World, { configuration }: Target, { event, failures }: Delivery, condition: Condition, outcome: Outcome | undefined): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: world.clock.date().toISOString(),
    requestContext: {
      requestId: event.requestId, functionArn: `${configuration.arn}:${configuration.version}`, condition,
      approximateInvokeCount: condition === 'Success' ? failures + 1 : failures,
    },
    requestPayload: JSON.parse(event.payload),
    ...(outcome !== undefined && {
      responseContext: { statusCode: 200, executedVersion: configuration.version, ...(outcome.error !== undefined && { functionError: outcome.error }) },
      responsePayload: JSON.parse(outcome.payload),
    }),
  });
}

async function sendTo(world: World, arn: string, message: string, attributes: object, caller: Principal): Promise<void> {
  const [, , service, , account, resource] = arn.split(':');
  switch (service) {
    case 'sqs': {
      const QueueUrl = `${world.endpoint}/${account}/${resource}`;
      await world.call({ service: 'sqs', operation: 'SendMessage', input: { QueueUrl, MessageBody: message, ...attributes }, caller });
      return;
    }
    case 'sns':
      await world.call({ service: 'sns', operation: 'Publish', input: { TopicArn: arn, Message: message, ...attributes }, caller });
      return;
    case 'lambda':
      await world.call({ service: 'lambda', operation: 'Invoke', input: { FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(message) }, caller });
      return;
    case 'events': {
      const detail = JSON.parse(message) as { requestContext: { condition: string; functionArn: string } };
      const DetailType = detail.requestContext.condition === 'Success' ? 'Lambda Function Invocation Result - Success' : 'Lambda Function Invocation Result - Failure';
      const Entries = [{ EventBusName: arn, Source: 'lambda', DetailType, Detail: message, Resources: [detail.requestContext.functionArn] }];
      await world.call({ service: 'events', operation: 'PutEvents', input: { Entries }, caller });
      return;
    }
    default:
      throw new AwsError('InvalidParameterValueException', `the twin does not deliver to ${arn}; it delivers to SQS, SNS, Lambda and EventBridge`);
  }
}
