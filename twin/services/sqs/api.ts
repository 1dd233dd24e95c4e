import { isDeepStrictEqual } from 'node:util';
import { AwsError, type AuthorizationRequest, type Call, type Operation } from '../../service';
import { attributesOf, settingsFrom } from './attributes';
import { keyPermissions } from './encryption';
import { byReceipt, receive, remove, send } from './messages';
import { missing, type Queue, type SqsState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

export function sqsOperations(state: SqsState, changed: (queue: Queue) => void): Record<string, Operation> {
  const permission = (action: string, name: string): AuthorizationRequest => ({
    action: `sqs:${action}`, resource: state.arn(name), resourcePolicy: state.queues.get(name)?.policy,
  });
  const key = (call: Call, name: string, actions: Parameters<typeof keyPermissions>[3]) => keyPermissions(call, 'sqs', state.queues.get(name)?.settings.kmsKeyId, actions);
  const nameIn = (url: string) => url.slice(url.lastIndexOf('/') + 1);
  const on = (action: string, run: (queue: Queue, input: any, call: Call) => any): Operation => ({
    authorize: ({ QueueUrl }) => [permission(action, nameIn(QueueUrl))],
    run: async (input, call) => (await run(state.queue(input.QueueUrl), input, call)) ?? {},
  });
  const sending = (run: (queue: Queue, input: any, call: Call) => any): Operation => ({
    authorize: ({ QueueUrl }, call) => [permission('SendMessage', nameIn(QueueUrl)), ...key(call, nameIn(QueueUrl), ['kms:GenerateDataKey', 'kms:Decrypt'])],
    run: (input, call) => {
      const queue = state.queue(input.QueueUrl);
      const output = run(queue, input, call);
      changed(queue);
      return output;
    },
  });
  /** Entries that fail do not fail the others. */
  const batch = (entries: any[], each: (entry: any) => any): any => {
    const Successful: any[] = [];
    const Failed: any[] = [];
    for (const entry of entries) {
      try {
        Successful.push({ Id: entry.Id, ...each(entry) });
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        Failed.push({ Id: entry.Id, SenderFault: true, Code: error.code, Message: error.message });
      }
    }
    return { Successful, Failed };
  };

  return {
    CreateQueue: {
      authorize: ({ QueueName }) => [permission('CreateQueue', QueueName)],
      run: ({ QueueName, Attributes = {}, tags = {} }) => {
        const existing = state.queues.get(QueueName);
        if (existing === undefined) {
          const queue = state.create(QueueName, settingsFrom(Attributes), tags);
          if (Attributes.Policy) queue.policy = JSON.parse(Attributes.Policy);
        } else if (!isDeepStrictEqual(settingsFrom(Attributes, existing.settings), existing.settings)) {
          throw new AwsError('QueueNameExists', 'A queue already exists with the same name and a different value for an attribute.');
        }
        return { QueueUrl: state.url(QueueName) };
      },
    },
    DeleteQueue: on('DeleteQueue', ({ name }) => { state.queues.delete(name); }),
    GetQueueUrl: {
      authorize: ({ QueueName }) => [permission('GetQueueUrl', QueueName)],
      run: ({ QueueName }) => {
        if (!state.queues.has(QueueName)) throw missing();
        return { QueueUrl: state.url(QueueName) };
      },
    },
    ListQueues: {
      authorize: () => [{ action: 'sqs:ListQueues', resource: '*' }],
      run: ({ QueueNamePrefix = '' }) => ({ QueueUrls: [...state.queues.keys()].filter((name) => name.startsWith(QueueNamePrefix)).map((name) => state.url(name)) }),
    },
    GetQueueAttributes: on('GetQueueAttributes', (queue, { AttributeNames = [] }) => {
      const entries = Object.entries(attributesOf(state, queue)).filter(([name]) => AttributeNames.includes('All') || AttributeNames.includes(name));
      return { Attributes: Object.fromEntries(entries) };
    }),
    SetQueueAttributes: on('SetQueueAttributes', (queue, { Attributes }) => {
      queue.settings = settingsFrom(Attributes, queue.settings);
      if (Attributes.Policy !== undefined) queue.policy = Attributes.Policy === '' ? undefined : JSON.parse(Attributes.Policy);
    }),
    SendMessage: sending((queue, input, call) => send(state, queue, input, call)),
    SendMessageBatch: sending((queue, { Entries }, call) => batch(Entries, (entry) => send(state, queue, entry, call))),
    ReceiveMessage: {
      authorize: ({ QueueUrl }, call) => [permission('ReceiveMessage', nameIn(QueueUrl)), ...key(call, nameIn(QueueUrl), ['kms:Decrypt'])],
      run: (input, call) => receive(state, state.queue(input.QueueUrl), input, call),
    },
    DeleteMessage: on('DeleteMessage', (queue, { ReceiptHandle }) => remove(queue, ReceiptHandle)),
    DeleteMessageBatch: on('DeleteMessage', (queue, { Entries }) => batch(Entries, ({ ReceiptHandle }) => remove(queue, ReceiptHandle))),
    ChangeMessageVisibility: on('ChangeMessageVisibility', (queue, { ReceiptHandle, VisibilityTimeout }, { world }) => {
      byReceipt(queue, ReceiptHandle).visibleFrom = world.clock.now() + VisibilityTimeout * 1000;
    }),
    PurgeQueue: on('PurgeQueue', (queue) => { queue.messages = []; }),
    ListQueueTags: on('ListQueueTags', ({ tags }) => ({ Tags: tags })),
    TagQueue: on('TagQueue', (queue, { Tags }) => { Object.assign(queue.tags, Tags); }),
    UntagQueue: on('UntagQueue', (queue, { TagKeys }) => {
      for (const name of TagKeys) delete queue.tags[name];
    }),
    ListDeadLetterSourceQueues: on('ListDeadLetterSourceQueues', ({ arn }) => ({
      queueUrls: [...state.queues.values()].filter(({ settings }) => settings.redrive?.deadLetterTargetArn === arn).map(({ name }) => state.url(name)),
    })),
  };
}
