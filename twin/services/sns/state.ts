import { AwsError, type PolicyDocument } from '../../service';
import type { World } from '../../world';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

export type Protocol = 'lambda' | 'sqs' | 'email' | 'email-json' | 'http' | 'https' | 'sms';

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  rawDelivery: boolean;
  filterPolicy: Record<string, unknown> | undefined;
  filterScope: 'MessageAttributes' | 'MessageBody';
  deadLetterArn: string | undefined;
  confirmed: boolean;
}

export interface Topic {
  readonly name: string;
  readonly arn: string;
  displayName: string;
  kmsKeyId: string | undefined;
  policy: PolicyDocument | undefined;
  /** Stored and told; the twin traces nothing and signs nothing. */
  tracingConfig: string | undefined;
  signatureVersion: string | undefined;
  tags: Record<string, string>;
}

/** A message that went to somebody outside of AWS. */
export interface InboxMessage {
  readonly time: number;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
}

/** A message that did not get to a subscriber. */
export interface FailedNotification {
  readonly time: number;
  readonly subscriptionArn: string;
  readonly message: string;
  readonly error: string;
}

export class SnsState {
  readonly topics = new Map<string, Topic>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly inbox: InboxMessage[] = [];
  readonly failures: FailedNotification[] = [];

  constructor(private readonly world: World) {}

  topic(arn: string): Topic {
    const topic = this.topics.get(arn);
    if (topic === undefined) throw new AwsError('NotFound', 'Topic does not exist', 404);
    return topic;
  }

  subscription(arn: string): Subscription {
    const subscription = this.subscriptions.get(arn);
    if (subscription === undefined) throw new AwsError('NotFound', 'Subscription does not exist', 404);
    return subscription;
  }

  of(topicArn: string): Subscription[] {
    return [...this.subscriptions.values()].filter((subscription) => subscription.topicArn === topicArn);
  }

  createTopic(name: string, settings: Partial<Omit<Topic, 'name' | 'arn' | 'policy'>>): Topic {
    if (name.endsWith('.fifo')) throw new AwsError('InvalidParameter', `the twin does not implement FIFO topics: ${name}`);
    const arn = this.arn(name);
    const topic: Topic = {
      name, arn, displayName: '', kmsKeyId: undefined, tracingConfig: undefined, signatureVersion: undefined, tags: {}, ...settings, policy: undefined,
    };
    this.topics.set(arn, topic);
    return topic;
  }

  deleteTopic(arn: string): void {
    this.topics.delete(arn);
    for (const subscription of this.of(arn)) this.subscriptions.delete(subscription.arn);
  }

  subscribe(topicArn: string, settings: Omit<Subscription, 'arn' | 'topicArn'>): Subscription {
    this.topic(topicArn);
    const same = this.of(topicArn).find(({ protocol, endpoint }) => protocol === settings.protocol && endpoint === settings.endpoint);
    if (same !== undefined) return same;
    const subscription: Subscription = { ...settings, topicArn, arn: `${topicArn}:${this.world.random.uuid()}` };
    this.subscriptions.set(subscription.arn, subscription);
    return subscription;
  }

  arn(name: string): string {
    return this.world.arn('sns', name);
  }

  /**
   * The topic's policy, or the one a topic is born with: it lets the account's own, and AWS services that act for it, publish.
   * EventBridge does not say for whom it acts, so it needs a policy that names it.
   */
  policyOf(topicArn: string): PolicyDocument | undefined {
    const topic = this.topics.get(topicArn);
    if (topic === undefined) return undefined;
    return topic.policy ?? {
      Version: '2012-10-17',
      Statement: [{
        Sid: '__default_statement_ID', Effect: 'Allow', Principal: '*', Resource: topicArn,
        Action: ['sns:Publish', 'sns:Subscribe', 'sns:GetTopicAttributes', 'sns:SetTopicAttributes', 'sns:ListSubscriptionsByTopic', 'sns:DeleteTopic'],
        Condition: { StringEquals: { 'aws:SourceAccount': this.world.account } },
      }],
    };
  }
}
