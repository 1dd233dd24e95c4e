import { AwsError } from '../../service';
import { DEFAULT_SETTINGS, type Queue, type QueueSettings, type SqsState } from './state';

type Attributes = Readonly<Record<string, unknown>>;

/** Queue settings from attributes as the API (text) or a template (numbers, objects) gives them, over `base`. */
export function settingsFrom(attributes: Attributes, base: QueueSettings = DEFAULT_SETTINGS): QueueSettings {
  const number = (name: string, fallback: number, least: number, most: number): number => {
    const value = attributes[name];
    if (value === undefined) return fallback;
    const result = Number(value);
    if (Number.isInteger(result) && result >= least && result <= most) return result;
    throw new AwsError('InvalidAttributeValue', `Invalid value ${JSON.stringify(value)} for the parameter ${name}: a whole number from ${least} to ${most} is allowed`);
  };
  const key = attributes.KmsMasterKeyId === undefined ? base.kmsKeyId : String(attributes.KmsMasterKeyId) || undefined;
  return {
    visibilityTimeoutSeconds: number('VisibilityTimeout', base.visibilityTimeoutSeconds, 0, 43_200),
    retentionSeconds: number('MessageRetentionPeriod', base.retentionSeconds, 60, 1_209_600),
    delaySeconds: number('DelaySeconds', base.delaySeconds, 0, 900),
    maximumMessageBytes: number('MaximumMessageSize', base.maximumMessageBytes, 1024, 1_048_576),
    waitSeconds: number('ReceiveMessageWaitTimeSeconds', base.waitSeconds, 0, 20),
    kmsReuseSeconds: number('KmsDataKeyReusePeriodSeconds', base.kmsReuseSeconds, 60, 86_400),
    kmsKeyId: key,
    managedEncryption: key === undefined && String(attributes.SqsManagedSseEnabled ?? base.managedEncryption) === 'true',
    redrive: attributes.RedrivePolicy === undefined ? base.redrive : redriveFrom(attributes.RedrivePolicy),
  };
}

function redriveFrom(policy: unknown): QueueSettings['redrive'] {
  if (policy === '') return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = typeof policy === 'string' ? JSON.parse(policy) : policy as Record<string, unknown>;
  const count = Number(maxReceiveCount);
  if (typeof deadLetterTargetArn !== 'string' || !(count >= 1 && count <= 1000)) {
    throw new AwsError('InvalidAttributeValue', `Value ${JSON.stringify(policy)} for parameter RedrivePolicy is invalid: it needs deadLetterTargetArn and a maxReceiveCount from 1 to 1000`);
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** GetQueueAttributes. */
export function attributesOf(state: SqsState, queue: Queue): Record<string, string> {
  const { settings } = queue;
  const visible = state.visible(queue).length;
  const delayed = queue.messages.filter((message) => message.receives === 0).length - state.visible(queue).filter((message) => message.receives === 0).length;
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    ApproximateNumberOfMessagesNotVisible: String(queue.messages.length - visible - delayed),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    DelaySeconds: String(settings.delaySeconds),
    MaximumMessageSize: String(settings.maximumMessageBytes),
    ReceiveMessageWaitTimeSeconds: String(settings.waitSeconds),
    ...(settings.kmsKeyId === undefined ? { SqsManagedSseEnabled: String(settings.managedEncryption) }
      : { KmsMasterKeyId: settings.kmsKeyId, KmsDataKeyReusePeriodSeconds: String(settings.kmsReuseSeconds) }),
    ...(settings.redrive !== undefined && { RedrivePolicy: JSON.stringify(settings.redrive) }),
    ...(queue.policy !== undefined && { Policy: JSON.stringify(queue.policy) }),
  };
}
