import type { Cloud } from '../cloud';
import type { Names } from '../names';
import type { Tempo } from '../tempo';

/* eslint-disable @typescript-eslint/no-explicit-any -- events have the shapes of the services */

/** Records what EventBridge carries of SageMaker during the run: a rule and a queue of the run's own. */
export class Recorder {
  private readonly events: any[] = [];
  private queueUrl?: string;
  /** One reads at a time: another would miss what this one has taken out of the queue and not told yet. */
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly cloud: Cloud, private readonly tempo: Tempo, private readonly names: Names) {}

  async start(account: string, region: string): Promise<void> {
    const partition = region.startsWith('cn-') ? 'aws-cn' : 'aws';
    const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
    const name = `${this.names.probe}-events`;
    this.queueUrl = await recordingQueue(this.cloud, this.names, name, arn('sqs', name), arn('events', `rule/${name}`));
    await this.cloud.call('events', 'PutRule', { Name: name, EventPattern: JSON.stringify({ source: ['aws.sagemaker'] }), Tags: this.names.tags });
    await this.cloud.call('events', 'PutTargets', { Rule: name, Targets: [{ Id: 'queue', Arn: arn('sqs', name) }] });
  }

  /** The events of this kind whose text holds `about`, in the order of their time. */
  async eventsOf(detailType: string, about: string): Promise<any[]> {
    const { queueUrl } = this;
    if (queueUrl === undefined) throw new Error('nothing was recorded');
    this.reading = this.reading.then(async () => { this.events.push(...(await drain(this.cloud, queueUrl)).map((body) => JSON.parse(body))); });
    await this.reading;
    return this.events.filter((event) => event['detail-type'] === detailType && JSON.stringify(event).includes(about))
      .sort((one, other) => Date.parse(one.time) - Date.parse(other.time));
  }

  /** The first that comes beyond the `known`; undefined if none does within the minutes. */
  async next(detailType: string, about: string, known: number, minutes: number): Promise<any | undefined> {
    for (let minute = 0; minute < minutes; minute++) {
      const found = await this.eventsOf(detailType, about);
      if (found.length > known) return found[known];
      await this.tempo.sleep(60);
    }
    return undefined;
  }
}

/** A queue that a rule may send to. */
export async function recordingQueue(cloud: Cloud, { tags }: Names, QueueName: string, queueArn: string, ruleArn: string): Promise<string> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: queueArn, Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
    }],
  });
  const { QueueUrl } = await cloud.call('sqs', 'CreateQueue', { QueueName, Attributes: { Policy, MessageRetentionPeriod: '345600' }, tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])) });
  return QueueUrl as string;
}

/** Takes every message out of a queue. */
export async function drain(cloud: Cloud, QueueUrl: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await cloud.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
    if (Messages.length === 0) return bodies;
    bodies.push(...Messages.map(({ Body }: any) => Body as string));
    await cloud.call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries: Messages.map(({ ReceiptHandle }: any, index: number) => ({ Id: String(index), ReceiptHandle })) });
  }
}
