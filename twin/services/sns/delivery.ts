import type { CloudWatchService } from '../cloudwatch';
import { compilePattern } from '../events/pattern';
import { deadLetter, withRetries } from '../events/retry';
import type { Principal } from '../../service';
import type { World } from '../../world';
import type { MessageAttribute, SnsState, Subscription, Topic } from './state';

export interface Notification {
  readonly id: string;
  readonly subject: string | undefined;
  /** By protocol; `default` for those not named. */
  readonly messages: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
}

/** SNS tries AWS endpoints for 23 days. */
const PATIENCE = { MaximumRetryAttempts: 100_015, MaximumEventAgeInSeconds: 23 * 86_400 };

/** Takes a published message to the topic's subscribers. */
export class Notifier {
  constructor(private readonly world: World, private readonly state: SnsState) {}

  notify(topic: Topic, notification: Notification): void {
    this.count(topic, 'NumberOfMessagesPublished');
    for (const subscription of this.state.of(topic.arn)) {
      if (!subscription.confirmed) continue;
      this.world.clock.after(0, `notification of ${topic.name}`, () => this.deliver(topic, subscription, notification));
    }
  }

  private async deliver(topic: Topic, subscription: Subscription, notification: Notification): Promise<void> {
    if (!passes(subscription, notification)) {
      this.count(topic, 'NumberOfNotificationsFilteredOut');
      return;
    }
    const { world, state } = this;
    const message = notification.messages[subscription.protocol] ?? notification.messages.default!;
    const time = world.clock.now();
    if (subscription.protocol !== 'lambda' && subscription.protocol !== 'sqs') {
      const { protocol, endpoint, topicArn } = subscription;
      state.inbox.push({ time, protocol, endpoint, topicArn, subject: notification.subject, message });
      this.count(topic, 'NumberOfNotificationsDelivered');
      return;
    }
    const caller: Principal = { kind: 'service', service: 'sns.amazonaws.com', sourceArn: topic.arn, sourceAccount: world.account };
    const ending = await withRetries(world, `notification of ${topic.name}`, PATIENCE, () => this.send(subscription, notification, message, caller));
    this.count(topic, ending.delivered ? 'NumberOfNotificationsDelivered' : 'NumberOfNotificationsFailed');
    if (ending.delivered) return;
    const kept = subscription.deadLetterArn !== undefined && await deadLetter(world, subscription.deadLetterArn, this.envelope(subscription, notification, message), {}, caller);
    const error = `${ending.error.name}: ${ending.error.message}${kept ? ' (kept in the dead-letter queue)' : ''}`;
    state.failures.push({ time: world.clock.now(), subscriptionArn: subscription.arn, message, error });
  }

  private send(subscription: Subscription, notification: Notification, message: string, caller: Principal): Promise<unknown> {
    const { world } = this;
    if (subscription.protocol === 'lambda') {
      const Payload = Buffer.from(JSON.stringify({ Records: [lambdaRecord(world, subscription, notification, message)] }));
      return world.call({ service: 'lambda', operation: 'Invoke', caller, input: { FunctionName: subscription.endpoint, InvocationType: 'Event', Payload } });
    }
    const [, , , , account, name] = subscription.endpoint.split(':');
    const QueueUrl = `${world.endpoint}/${account}/${name}`;
    const input = subscription.rawDelivery
      ? { QueueUrl, MessageBody: message, ...(Object.keys(notification.attributes).length > 0 && { MessageAttributes: notification.attributes }) }
      : { QueueUrl, MessageBody: this.envelope(subscription, notification, message) };
    return world.call({ service: 'sqs', operation: 'SendMessage', caller, input });
  }

  private envelope(subscription: Subscription, { id, subject, attributes }: Notification, message: string): string {
    return JSON.stringify({
      Type: 'Notification', MessageId: id, TopicArn: subscription.topicArn, ...(subject !== undefined && { Subject: subject }), Message: message,
      Timestamp: this.world.clock.date().toISOString(), SignatureVersion: '1', UnsubscribeURL: unsubscribeUrl(this.world, subscription),
      ...(Object.keys(attributes).length > 0 && { MessageAttributes: plain(attributes) }),
    });
  }

  private count(topic: Topic, MetricName: string): void {
    const { metrics } = this.world.service<CloudWatchService>('monitoring');
    metrics.put(metrics.seriesOf({ Namespace: 'AWS/SNS', MetricName, Dimensions: [{ Name: 'TopicName', Value: topic.name }] }), this.world.clock.now(), { value: 1 });
  }
}

function lambdaRecord(world: World, subscription: Subscription, { id, subject, attributes }: Notification, message: string): Record<string, unknown> {
  return {
    EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: subscription.arn,
    Sns: {
      Type: 'Notification', MessageId: id, TopicArn: subscription.topicArn, Subject: subject ?? null, Message: message, Timestamp: world.clock.date().toISOString(),
      SignatureVersion: '1', UnsubscribeUrl: unsubscribeUrl(world, subscription), MessageAttributes: plain(attributes),
    },
  };
}

function unsubscribeUrl(world: World, { arn }: Subscription): string {
  return `${world.endpoint}/?Action=Unsubscribe&SubscriptionArn=${arn}`;
}

function plain(attributes: Readonly<Record<string, MessageAttribute>>): Record<string, { Type: string; Value: string }> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name, { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
  ]));
}

/** A filter policy is an event pattern over the attributes, or over a message that is JSON. */
function passes({ filterPolicy, filterScope }: Subscription, { attributes, messages }: Notification): boolean {
  if (filterPolicy === undefined || Object.keys(filterPolicy).length === 0) return true;
  const matches = compilePattern(filterPolicy);
  if (filterScope === 'MessageAttributes') {
    return matches(Object.fromEntries(Object.entries(attributes).map(([name, { DataType, StringValue = '' }]) => [
      name, DataType === 'String.Array' ? JSON.parse(StringValue) : DataType === 'Number' ? Number(StringValue) : StringValue,
    ])));
  }
  try {
    return matches(JSON.parse(messages.default!));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
