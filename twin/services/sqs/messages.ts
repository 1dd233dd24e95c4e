import { AwsError, type Call } from '../../service';
import { md5, md5OfAttributes, type Message, type Queue, type SqsState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

export function send(state: SqsState, queue: Queue, input: any, { world, caller }: Call): any {
  const { MessageBody, DelaySeconds, MessageAttributes = {} } = input;
  const size = Buffer.byteLength(MessageBody);
  if (size > queue.settings.maximumMessageBytes) {
    throw new AwsError('InvalidParameterValue', `One or more parameters are invalid. Reason: Message must be shorter than ${queue.settings.maximumMessageBytes} bytes.`);
  }
  const now = world.clock.now();
  const delay = (DelaySeconds ?? queue.settings.delaySeconds) * 1000;
  const message: Message = {
    id: world.random.uuid(), body: MessageBody, attributes: MessageAttributes, sentAt: now, visibleFrom: now + delay,
    senderId: caller.kind === 'role' ? caller.roleArn : caller.kind === 'service' ? caller.service : world.account,
    receives: 0, firstReceivedAt: undefined, receipt: undefined,
  };
  if (delay === 0) state.add(queue, message);
  else {
    queue.messages.push(message);
    world.clock.after(delay, `delayed message of ${queue.name}`, () => { for (const wake of queue.waiting) wake(); });
  }
  return { MessageId: message.id, MD5OfMessageBody: md5(MessageBody), MD5OfMessageAttributes: md5OfAttributes(MessageAttributes) };
}

/** Waits, in virtual time, for a message if there is none. */
export async function receive(state: SqsState, queue: Queue, input: any, { world }: Call): Promise<any> {
  const wait = input.WaitTimeSeconds ?? queue.settings.waitSeconds;
  if (wait > 0 && state.visible(queue).length === 0) {
    await new Promise<void>((resolve) => {
      const done = () => {
        timer.cancel();
        queue.waiting.delete(done);
        resolve();
      };
      const timer = world.clock.after(wait * 1000, `receive from ${queue.name}`, done);
      queue.waiting.add(done);
    });
  }
  const messages: Message[] = [];
  for (const message of state.visible(queue)) {
    if (messages.length >= (input.MaxNumberOfMessages ?? 1)) break;
    if (!deadLetter(state, queue, message)) messages.push(message);
  }
  const now = world.clock.now();
  const timeout = input.VisibilityTimeout ?? queue.settings.visibilityTimeoutSeconds;
  for (const message of messages) {
    message.receives += 1;
    message.firstReceivedAt ??= now;
    message.visibleFrom = now + timeout * 1000;
    message.receipt = world.random.text(40);
  }
  return messages.length === 0 ? {} : { Messages: messages.map((message) => received(message, input)) };
}

/** A message received too often goes to the dead-letter queue instead, its age unchanged. */
function deadLetter(state: SqsState, queue: Queue, message: Message): boolean {
  const { redrive } = queue.settings;
  const target = redrive && state.byArn(redrive.deadLetterTargetArn);
  if (redrive === undefined || target === undefined || message.receives < redrive.maxReceiveCount) return false;
  queue.messages.splice(queue.messages.indexOf(message), 1);
  state.add(target, { ...message, receives: 0, firstReceivedAt: undefined, receipt: undefined });
  return true;
}

export function byReceipt(queue: Queue, receipt: string): Message {
  const message = queue.messages.find((candidate) => candidate.receipt === receipt);
  if (message === undefined) throw new AwsError('ReceiptHandleIsInvalid', `The input receipt handle "${receipt}" is not a valid receipt handle.`);
  return message;
}

export function remove(queue: Queue, receipt: string): void {
  const index = queue.messages.findIndex((message) => message.receipt === receipt);
  // Deleting twice is fine.
  if (index >= 0) queue.messages.splice(index, 1);
}

function received(message: Message, input: any): any {
  const system: Record<string, string> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receives),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
  const wanted: string[] = [...input.AttributeNames ?? [], ...input.MessageSystemAttributeNames ?? []];
  const Attributes = Object.fromEntries(Object.entries(system).filter(([name]) => wanted.includes('All') || wanted.includes(name)));
  const names: string[] = input.MessageAttributeNames ?? [];
  const MessageAttributes = Object.fromEntries(Object.entries(message.attributes)
    .filter(([name]) => names.some((pattern) => pattern === 'All' || pattern === '.*' || pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))))));
  return {
    MessageId: message.id, ReceiptHandle: message.receipt, Body: message.body, MD5OfBody: md5(message.body),
    ...(Object.keys(Attributes).length > 0 && { Attributes }),
    ...(Object.keys(MessageAttributes).length > 0 && { MessageAttributes, MD5OfMessageAttributes: md5OfAttributes(MessageAttributes) }),
  };
}
