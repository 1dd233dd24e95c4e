import { SnsService } from '../../../twin/services/sns';
import { SqsService } from '../../../twin/services/sqs';
import { CloudWatchService } from '../../../twin/services/cloudwatch';
import { KmsService } from '../../../twin/services/kms';
import { SmallWorld } from './lambda.world';

const MINUTE = 60_000;

describe('queues', () => {
  let world: SmallWorld;
  let QueueUrl: string;

  beforeEach(async () => {
    world = await new SmallWorld().open();
    world.add(new SqsService(world));
    QueueUrl = await make('q');
  });
  afterEach(() => world.close());

  const make = async (name: string, properties = {}) => (await world.create('AWS::SQS::Queue', name, { QueueName: name, ...properties })).physicalId;
  const call = (operation: string, input: object) => world.call(world.as('sqs', operation, { QueueUrl, ...input }));
  const send = (MessageBody: string, more = {}) => call('SendMessage', { MessageBody, ...more });
  const receive = async (more = {}) => ((await call('ReceiveMessage', { MaxNumberOfMessages: 10, ...more })).Messages ?? []) as Array<Record<string, string>>;

  test('hold a message back from others while one works on it', async () => {
    await send('a');
    const [message] = await receive();
    expect(message).toMatchObject({ Body: 'a', MD5OfBody: '0cc175b9c0f1b6a831c399e269772661' });
    expect(await receive()).toEqual([]);
    await world.clock.advance(30_000);
    const [again] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(again).toMatchObject({ MessageId: message!.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
    await call('DeleteMessage', { ReceiptHandle: again!.ReceiptHandle });
    await world.clock.advance(MINUTE);
    expect(await receive()).toEqual([]);
  });

  test('carry attributes, with the checksum that clients verify', async () => {
    const MessageAttributes = {
      city: { DataType: 'String', StringValue: 'Anytown' }, bytes: { DataType: 'Binary', BinaryValue: Buffer.from([0, 1]) }, n: { DataType: 'Number', StringValue: '12' },
    };
    const sent = await send('a', { MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toBe('77a4ca9d20ebb0372a1ed3cc1e3e8236'); // as moto computes it
    const [message] = await receive({ MessageAttributeNames: ['All'] });
    expect(message).toMatchObject({ MessageAttributes, MD5OfMessageAttributes: sent.MD5OfMessageAttributes });
  });

  test('may wait for a message, in virtual time', async () => {
    const waiting = receive({ WaitTimeSeconds: 20 });
    world.clock.after(5_000, 'later', async () => { await send('late'); });
    expect(await world.eventually(waiting)).toMatchObject([{ Body: 'late' }]);
  });

  test('delay, and forget after their retention', async () => {
    await send('a', { DelaySeconds: 60 });
    expect(await receive()).toEqual([]);
    await world.clock.advance(MINUTE);
    expect(await receive()).toHaveLength(1);
    await world.clock.advance(4 * 24 * 60 * MINUTE + MINUTE);
    expect(await receive()).toEqual([]);
  });

  test('put aside what is received too often', async () => {
    const dead = await make('dead');
    QueueUrl = await make('fussy', { RedrivePolicy: { deadLetterTargetArn: world.arn('sqs', 'dead'), maxReceiveCount: 2 } });
    await send('poison');
    for (let n = 0; n < 3; n++) {
      await receive();
      await world.clock.advance(MINUTE);
    }
    expect(world.service<SqsService>('sqs').bodies(world.arn('sqs', 'dead'))).toEqual(['poison']);
    expect(await call('GetQueueAttributes', { QueueUrl: dead, AttributeNames: ['ApproximateNumberOfMessages'] })).toEqual({ Attributes: { ApproximateNumberOfMessages: '1' } });
  });

  test('report how many messages they hold', async () => {
    await send('a');
    await world.clock.advance(MINUTE);
    const { metrics } = world.service<CloudWatchService>('monitoring');
    const series = metrics.seriesOf({ Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Dimensions: [{ Name: 'QueueName', Value: 'q' }] });
    expect(series.over(0, Number.MAX_SAFE_INTEGER, 'Maximum')).toBe(1);
  });

  test('with a customer key need that key\'s permissions, with AWS\'s own none but of services', async () => {
    world.add({
      name: 'kms', operations: {}, resources: {}, remaining: () => [], resolve: (id: string) => ({ assertUsable: () => undefined, arn: `arn:key/${id}`, policy: { Statement: ['policy of the key'] } }),
    } as unknown as KmsService);
    const service = world.service<SqsService>('sqs');
    const asked = (caller: object, url: string) => service.operations.SendMessage!.authorize({ QueueUrl: url }, { world, service: 'sqs', operation: 'SendMessage', caller } as never)
      .map(({ action, resource }) => `${action} ${resource}`);
    const role = { kind: 'role', roleArn: world.role('r'), sessionName: 's' };
    const eventBridge = { kind: 'service', service: 'events.amazonaws.com' };
    const own = await make('own', { KmsMasterKeyId: 'k' });
    const aws = await make('aws', { KmsMasterKeyId: 'alias/aws/sqs' });
    expect(asked(role, own)).toEqual([`sqs:SendMessage ${world.arn('sqs', 'own')}`, 'kms:GenerateDataKey arn:key/k', 'kms:Decrypt arn:key/k']);
    expect(asked(role, aws)).toHaveLength(1);
    expect(asked(eventBridge, aws)).toHaveLength(3);
  });

  test.each([
    [{ VisibilityTimeout: 43_201 }, 'a whole number from 0 to 43200 is allowed'],
    [{ RedrivePolicy: { maxReceiveCount: 1 } }, 'it needs deadLetterTargetArn'],
  ])('with %j are refused', async (properties, message) => {
    await expect(make('bad', properties)).rejects.toThrow(message);
  });

  test('that are not there are named so', async () => {
    await expect(world.call(world.as('sqs', 'GetQueueUrl', { QueueName: 'none' }))).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
  });

  test.each([
    ['Disabled', 'DisableKey', {}, 'KmsDisabled', 'KMSDisabled'],
    ['PendingDeletion', 'ScheduleKeyDeletion', { PendingWindowInDays: 7 }, 'KmsInvalidState', 'KMSInvalidState'],
  ])('under a key that is %s take nothing and give nothing, and no more does a topic', async (_, operation, more, bySqs, bySns) => {
    world.add(new KmsService(world));
    world.add(new SnsService(world));
    const { KeyMetadata: { KeyId } } = await world.call(world.as('kms', 'CreateKey', {}));
    QueueUrl = await make('sealed', { KmsMasterKeyId: KeyId });
    const { physicalId: TopicArn } = await world.create('AWS::SNS::Topic', 'T', { TopicName: 't', KmsMasterKeyId: KeyId });
    await send('before');
    await world.call(world.as('kms', operation, { KeyId, ...more }));
    await expect(send('after')).rejects.toMatchObject({ code: bySqs });
    await expect(receive()).rejects.toMatchObject({ code: bySqs });
    await expect(world.call(world.as('sns', 'Publish', { TopicArn, Message: 'after' }))).rejects.toMatchObject({ code: bySns });
  });
});
