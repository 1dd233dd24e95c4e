import { AwsError, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import { compilePattern } from '../events/pattern';
import type { Protocol, SnsState, Subscription, Topic } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of templates */

const PROTOCOLS: readonly string[] = ['lambda', 'sqs', 'email', 'email-json', 'http', 'https', 'sms'] satisfies Protocol[];

export function snsResources(state: SnsState): Record<string, ResourceProvider> {
  return {
    'AWS::SNS::Topic': topicProvider(state),
    'AWS::SNS::TopicPolicy': policyProvider(state),
    'AWS::SNS::Subscription': subscriptionProvider(state),
  };
}

/** Whoever is behind an address outside of AWS confirms at once. */
export function subscriptionSettings(protocol: string, endpoint: string | undefined, attributes: Record<string, any>): Omit<Subscription, 'arn' | 'topicArn'> {
  if (!PROTOCOLS.includes(protocol)) throw new AwsError('InvalidParameter', `Invalid parameter: Does not support this protocol string: ${protocol}; the twin knows ${PROTOCOLS.join(', ')}`);
  if (endpoint === undefined) throw new AwsError('InvalidParameter', `Invalid parameter: Endpoint is required for ${protocol}`);
  const object = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value);
  const filterPolicy = object(attributes.FilterPolicy);
  if (filterPolicy !== undefined && Object.keys(filterPolicy).length > 0) compilePattern(filterPolicy);
  return {
    protocol: protocol as Protocol, endpoint, confirmed: true, filterPolicy,
    rawDelivery: String(attributes.RawMessageDelivery ?? false) === 'true',
    filterScope: attributes.FilterPolicyScope ?? 'MessageAttributes',
    deadLetterArn: object(attributes.RedrivePolicy)?.deadLetterTargetArn,
  };
}

function topicProvider(state: SnsState): ResourceProvider {
  const handle = ({ name, arn }: Topic): ResourceHandle => ({ physicalId: arn, attributes: { TopicName: name, TopicArn: arn } });
  const settings = ({ properties }: ResourceRequest) => ({
    displayName: properties.DisplayName ?? '', kmsKeyId: properties.KmsMasterKeyId, tracingConfig: properties.TracingConfig, signatureVersion: properties.SignatureVersion,
    tags: Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }: any) => [Key, Value])),
  });
  const subscribe = (topic: Topic, { properties }: ResourceRequest): void => {
    for (const { Protocol, Endpoint } of properties.Subscription ?? []) state.subscribe(topic.arn, subscriptionSettings(Protocol, Endpoint, {}));
  };
  return {
    properties: ['DisplayName', 'KmsMasterKeyId', 'SignatureVersion', 'Subscription', 'Tags', 'TopicName', 'TracingConfig'],
    createOnly: ['TopicName'],
    create: (request) => {
      const name = request.properties.TopicName ?? request.generateName(256);
      if (state.topics.has(state.arn(name))) throw new AwsError('InvalidParameter', `Invalid parameter: Attributes Reason: Topic already exists with different attributes: ${name}`);
      const topic = state.createTopic(name, settings(request));
      subscribe(topic, request);
      return handle(topic);
    },
    update: (request, { physicalId }) => {
      const topic = state.topic(physicalId);
      Object.assign(topic, settings(request));
      subscribe(topic, request);
      return handle(topic);
    },
    delete: (_request, { physicalId }) => state.deleteTopic(physicalId),
  };
}

function policyProvider(state: SnsState): ResourceProvider {
  const put = ({ properties }: ResourceRequest): void => {
    for (const arn of properties.Topics) state.topic(arn).policy = properties.PolicyDocument;
  };
  const withdraw = (arns: readonly string[]): void => {
    for (const arn of arns) {
      const topic = state.topics.get(arn);
      if (topic !== undefined) topic.policy = undefined;
    }
  };
  return {
    properties: ['PolicyDocument', 'Topics'],
    createOnly: [],
    create: (request) => {
      put(request);
      return { physicalId: request.generateName() };
    },
    update: (request, existing, previous) => {
      withdraw(previous.Topics);
      put(request);
      return existing;
    },
    delete: ({ properties }) => withdraw(properties.Topics),
  };
}

function subscriptionProvider(state: SnsState): ResourceProvider {
  const settings = ({ properties }: ResourceRequest) => subscriptionSettings(properties.Protocol, properties.Endpoint, properties);
  return {
    properties: ['Endpoint', 'FilterPolicy', 'FilterPolicyScope', 'Protocol', 'RawMessageDelivery', 'RedrivePolicy', 'TopicArn'],
    createOnly: ['Endpoint', 'Protocol', 'TopicArn'],
    create: (request) => {
      const { arn } = state.subscribe(request.properties.TopicArn, settings(request));
      return { physicalId: arn, attributes: { Arn: arn } };
    },
    update: (request, existing) => {
      const { filterPolicy, filterScope, rawDelivery, deadLetterArn } = settings(request);
      Object.assign(state.subscription(existing.physicalId), { filterPolicy, filterScope, rawDelivery, deadLetterArn });
      return existing;
    },
    delete: (_request, { physicalId }) => { state.subscriptions.delete(physicalId); },
  };
}
