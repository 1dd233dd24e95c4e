import { AwsError, type AuthorizationRequest, type Call, type Operation } from '../../service';
import { keyPermissions } from '../sqs/encryption';
import type { Notifier } from './delivery';
import { subscriptionSettings } from './resources';
import type { SnsState, Subscription, Topic } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

const MOST_BYTES = 262_144;

export function snsOperations(state: SnsState, notifier: Notifier): Record<string, Operation> {
  const permission = (action: string, topicArn: string): AuthorizationRequest => ({ action: `sns:${action}`, resource: topicArn, resourcePolicy: state.policyOf(topicArn) });
  const publishing = ({ TopicArn }: any, call: Call): AuthorizationRequest[] => [
    permission('Publish', TopicArn), ...keyPermissions(call, 'sns', state.topics.get(TopicArn)?.kmsKeyId, ['kms:GenerateDataKey', 'kms:Decrypt']),
  ];
  const on = (action: string, run: (topic: Topic, input: any) => any): Operation => ({
    authorize: ({ TopicArn }) => [permission(action, TopicArn)],
    run: (input) => run(state.topic(input.TopicArn), input) ?? {},
  });
  const onSubscription = (action: string, run: (subscription: Subscription, input: any) => any): Operation => ({
    authorize: ({ SubscriptionArn }) => [permission(action, topicOf(SubscriptionArn))],
    run: (input) => run(state.subscription(input.SubscriptionArn), input) ?? {},
  });
  const onTagged = (action: string, run: (topic: Topic, input: any) => any): Operation => ({
    authorize: ({ ResourceArn }) => [permission(action, ResourceArn)],
    run: (input) => run(state.topic(input.ResourceArn), input) ?? {},
  });

  return {
    Publish: {
      authorize: (input, call) => {
        if (input.TopicArn === undefined) throw new AwsError('InvalidParameter', 'the twin publishes to topics only; TopicArn is required');
        return publishing(input, call);
      },
      run: (input, { world }) => publish(state.topic(input.TopicArn), input, notifier, world.random.uuid()),
    },
    PublishBatch: {
      authorize: publishing,
      run: ({ TopicArn, PublishBatchRequestEntries }, { world }) => ({
        Successful: PublishBatchRequestEntries.map((entry: any) => ({ Id: entry.Id, ...publish(state.topic(TopicArn), entry, notifier, world.random.uuid()) })), Failed: [],
      }),
    },
    CreateTopic: {
      authorize: ({ Name }) => [{ action: 'sns:CreateTopic', resource: state.arn(Name) }],
      run: ({ Name, Attributes = {}, Tags = [] }) => {
        if (!/^[\w-]{1,256}(\.fifo)?$/.test(Name)) throw new AwsError('InvalidParameter', 'Invalid parameter: Topic Name');
        const existing = state.topics.get(state.arn(Name));
        const tags = Object.fromEntries(Tags.map(({ Key, Value }: any) => [Key, Value]));
        return { TopicArn: (existing ?? state.createTopic(Name, { displayName: Attributes.DisplayName ?? '', kmsKeyId: Attributes.KmsMasterKeyId, tags })).arn };
      },
    },
    DeleteTopic: on('DeleteTopic', ({ arn }) => state.deleteTopic(arn)),
    ListTopics: {
      authorize: () => [{ action: 'sns:ListTopics', resource: '*' }],
      run: () => ({ Topics: [...state.topics.keys()].map((TopicArn) => ({ TopicArn })) }),
    },
    GetTopicAttributes: on('GetTopicAttributes', (topic) => ({ Attributes: attributesOf(state, topic) })),
    SetTopicAttributes: on('SetTopicAttributes', (topic, { AttributeName, AttributeValue }) => {
      switch (AttributeName) {
        case 'Policy': topic.policy = JSON.parse(AttributeValue); return;
        case 'DisplayName': topic.displayName = AttributeValue ?? ''; return;
        case 'KmsMasterKeyId': topic.kmsKeyId = AttributeValue || undefined; return;
        default: throw new AwsError('InvalidParameter', `Invalid parameter: AttributeName ${AttributeName}; the twin knows Policy, DisplayName and KmsMasterKeyId`);
      }
    }),
    Subscribe: on('Subscribe', (topic, { Protocol, Endpoint, Attributes = {} }) => {
      const subscription = state.subscribe(topic.arn, subscriptionSettings(Protocol, Endpoint, Attributes));
      return { SubscriptionArn: subscription.arn };
    }),
    Unsubscribe: onSubscription('Unsubscribe', ({ arn }) => { state.subscriptions.delete(arn); }),
    GetSubscriptionAttributes: onSubscription('GetSubscriptionAttributes', (subscription) => ({
      Attributes: {
        SubscriptionArn: subscription.arn, TopicArn: subscription.topicArn, Protocol: subscription.protocol, Endpoint: subscription.endpoint,
        RawMessageDelivery: String(subscription.rawDelivery), PendingConfirmation: String(!subscription.confirmed), FilterPolicyScope: subscription.filterScope,
        ...(subscription.filterPolicy !== undefined && { FilterPolicy: JSON.stringify(subscription.filterPolicy) }),
      },
    })),
    ListSubscriptions: {
      authorize: () => [{ action: 'sns:ListSubscriptions', resource: '*' }],
      run: () => ({ Subscriptions: [...state.subscriptions.values()].map(listed) }),
    },
    ListSubscriptionsByTopic: on('ListSubscriptionsByTopic', ({ arn }) => ({ Subscriptions: state.of(arn).map(listed) })),
    ListTagsForResource: onTagged('ListTagsForResource', ({ tags }) => ({ Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) })),
    TagResource: onTagged('TagResource', ({ tags }, { Tags }) => { for (const { Key, Value } of Tags) tags[Key] = Value; }),
    UntagResource: onTagged('UntagResource', ({ tags }, { TagKeys }) => { for (const key of TagKeys) delete tags[key]; }),
  };
}

function publish(topic: Topic, { Message, Subject, MessageStructure, MessageAttributes = {} }: any, notifier: Notifier, id: string): any {
  if (Buffer.byteLength(Message) > MOST_BYTES) throw new AwsError('InvalidParameter', 'Invalid parameter: Message too long');
  if (Subject !== undefined && (Subject.length > 100 || /[\n\r]/.test(Subject))) throw new AwsError('InvalidParameter', 'Invalid parameter: Subject');
  notifier.notify(topic, { id, subject: Subject, messages: MessageStructure === 'json' ? structured(Message) : { default: Message }, attributes: MessageAttributes });
  return { MessageId: id };
}

function structured(message: string): Record<string, string> {
  let messages: Record<string, string>;
  try {
    messages = JSON.parse(message);
  } catch {
    throw new AwsError('InvalidParameter', 'Invalid parameter: Message Structure - JSON message body failed to parse');
  }
  if (typeof messages.default !== 'string') throw new AwsError('InvalidParameter', 'Invalid parameter: Message Structure - No default entry in JSON message body');
  return messages;
}

function topicOf(subscriptionArn: string): string {
  return subscriptionArn.slice(0, subscriptionArn.lastIndexOf(':'));
}

function attributesOf(state: SnsState, topic: Topic): Record<string, string> {
  const subscriptions = state.of(topic.arn);
  return {
    TopicArn: topic.arn, DisplayName: topic.displayName, Owner: topic.arn.split(':')[4]!, Policy: JSON.stringify(state.policyOf(topic.arn)),
    SubscriptionsConfirmed: String(subscriptions.filter(({ confirmed }) => confirmed).length),
    SubscriptionsPending: String(subscriptions.filter(({ confirmed }) => !confirmed).length),
    ...(topic.kmsKeyId !== undefined && { KmsMasterKeyId: topic.kmsKeyId }),
    ...(topic.tracingConfig !== undefined && { TracingConfig: topic.tracingConfig }),
    ...(topic.signatureVersion !== undefined && { SignatureVersion: topic.signatureVersion }),
  };
}

function listed({ arn, topicArn, protocol, endpoint, confirmed }: Subscription): any {
  return { SubscriptionArn: confirmed ? arn : 'PendingConfirmation', TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, Owner: topicArn.split(':')[4] };
}
