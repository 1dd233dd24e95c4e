import type { ResourceHandle, ResourceProvider, ResourceRequest } from '../../service';
import { settingsFrom } from './attributes';
import type { Queue, SqsState } from './state';

export function sqsResources(state: SqsState): Record<string, ResourceProvider> {
  return { 'AWS::SQS::Queue': queueProvider(state), 'AWS::SQS::QueuePolicy': policyProvider(state) };
}

function queueProvider(state: SqsState): ResourceProvider {
  const handle = ({ name, arn }: Queue): ResourceHandle => ({
    physicalId: state.url(name), attributes: { Arn: arn, QueueName: name, QueueUrl: state.url(name) },
  });
  const tags = ({ properties }: ResourceRequest) => Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));
  return {
    properties: [
      'DelaySeconds', 'KmsDataKeyReusePeriodSeconds', 'KmsMasterKeyId', 'MaximumMessageSize', 'MessageRetentionPeriod', 'QueueName',
      'ReceiveMessageWaitTimeSeconds', 'RedrivePolicy', 'SqsManagedSseEnabled', 'Tags', 'VisibilityTimeout',
    ],
    createOnly: ['QueueName'],
    create: (request) => handle(state.create(request.properties.QueueName ?? request.generateName(80), settingsFrom(request.properties), tags(request))),
    update: (request, existing) => {
      const queue = state.queue(existing.physicalId);
      queue.settings = settingsFrom(request.properties);
      queue.tags = tags(request);
      queue.modifiedAt = request.world.clock.now();
      return handle(queue);
    },
    delete: (_request, { attributes }) => { state.queues.delete(attributes!.QueueName); },
  };
}

function policyProvider(state: SqsState): ResourceProvider {
  const put = ({ properties }: ResourceRequest): void => {
    for (const url of properties.Queues) state.queue(url).policy = properties.PolicyDocument;
  };
  return {
    properties: ['PolicyDocument', 'Queues'],
    createOnly: [],
    create: (request) => {
      put(request);
      return { physicalId: request.generateName() };
    },
    update: (request, existing, previous) => {
      for (const url of previous.Queues) state.queue(url).policy = undefined;
      put(request);
      return existing;
    },
    delete: ({ properties }) => {
      for (const url of properties.Queues) {
        const queue = state.queues.get(url.slice(url.lastIndexOf('/') + 1));
        if (queue !== undefined) queue.policy = undefined;
      }
    },
  };
}
