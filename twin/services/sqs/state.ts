import { createHash } from 'node:crypto';
import { AwsError, type PolicyDocument } from '../../service';
import type { World } from '../../world';

export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: Uint8Array;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly sentAt: number;
  readonly senderId: string;
  visibleFrom: number;
  receives: number;
  firstReceivedAt: number | undefined;
  receipt: string | undefined;
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Settings that SetQueueAttributes and templates share. */
export interface QueueSettings {
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly delaySeconds: number;
  readonly maximumMessageBytes: number;
  readonly waitSeconds: number;
  readonly kmsKeyId?: string;
  readonly kmsReuseSeconds: number;
  readonly managedEncryption: boolean;
  readonly redrive?: RedrivePolicy;
}

export const DEFAULT_SETTINGS: QueueSettings = {
  visibilityTimeoutSeconds: 30, retentionSeconds: 345_600, delaySeconds: 0, maximumMessageBytes: 1_048_576, waitSeconds: 0,
  kmsReuseSeconds: 300, managedEncryption: true,
};

export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  modifiedAt: number;
  settings: QueueSettings;
  policy: PolicyDocument | undefined;
  tags: Record<string, string>;
  messages: Message[];
  /** Receivers that wait for a message. */
  readonly waiting: Set<() => void>;
}

export class SqsState {
  readonly queues = new Map<string, Queue>();

  constructor(private readonly world: World) {}

  /** By URL; only its last part counts. */
  queue(url: string): Queue {
    const queue = this.queues.get(url.slice(url.lastIndexOf('/') + 1));
    if (queue === undefined) throw missing();
    this.expire(queue);
    return queue;
  }

  byArn(arn: string): Queue | undefined {
    const queue = this.queues.get(arn.slice(arn.lastIndexOf(':') + 1));
    return queue?.arn === arn ? queue : undefined;
  }

  create(name: string, settings: QueueSettings, tags: Record<string, string>): Queue {
    if (this.queues.has(name)) throw new AwsError('QueueAlreadyExists', `A queue already exists with the same name and a different value for attribute: ${name}`);
    const now = this.world.clock.now();
    const queue: Queue = { name, arn: this.arn(name), createdAt: now, modifiedAt: now, settings, tags, policy: undefined, messages: [], waiting: new Set() };
    this.queues.set(name, queue);
    return queue;
  }

  url(name: string): string {
    return `${this.world.endpoint}/${this.world.account}/${name}`;
  }

  arn(name: string): string {
    return this.world.arn('sqs', name);
  }

  add(queue: Queue, message: Message): void {
    queue.messages.push(message);
    for (const wake of queue.waiting) wake();
  }

  visible(queue: Queue): Message[] {
    const now = this.world.clock.now();
    return queue.messages.filter(({ visibleFrom }) => visibleFrom <= now);
  }

  private expire(queue: Queue): void {
    const oldest = this.world.clock.now() - queue.settings.retentionSeconds * 1000;
    if (queue.messages.some(({ sentAt }) => sentAt < oldest)) queue.messages = queue.messages.filter(({ sentAt }) => sentAt >= oldest);
  }
}

export function missing(): AwsError {
  return new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** As the SDKs compute it to check what they sent: names in order, each part with its length in front. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const part = (bytes: Uint8Array) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    part(Buffer.from(name));
    part(Buffer.from(DataType));
    hash.update(Buffer.from([StringValue === undefined ? 2 : 1]));
    part(StringValue === undefined ? BinaryValue ?? Buffer.alloc(0) : Buffer.from(StringValue));
  }
  return hash.digest('hex');
}
