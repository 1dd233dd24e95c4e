import { AwsError, type Operation } from '../../../twin/service';
import { CloudWatchService } from '../../../twin/services/cloudwatch';
import { SnsService } from '../../../twin/services/sns';
import { SqsService } from '../../../twin/services/sqs';
import { SmallWorld } from './lambda.world';

describe('topics', () => {
  let world: SmallWorld;
  let sns: SnsService;
  let TopicArn: string;
  let refuse: boolean;
  let invoked: Array<Record<string, any>>; // eslint-disable-line @typescript-eslint/no-explicit-any

  beforeEach(async () => {
    world = await new SmallWorld().open();
    sns = world.add(new SnsService(world));
    world.add(new SqsService(world));
    refuse = false;
    invoked = [];
    const Invoke: Operation = {
      authorize: () => [],
      run: (input, { caller }) => {
        if (refuse) throw new AwsError('AccessDeniedException', 'no', 403);
        invoked.push({ caller, event: JSON.parse(input.Payload.toString()) });
      },
    };
    world.add({ name: 'lambda', operations: { Invoke }, resources: {}, remaining: () => [] });
    TopicArn = (await world.create('AWS::SNS::Topic', 'T', { TopicName: 't' })).physicalId;
  });
  afterEach(() => world.close());

  const subscribe = (Protocol: string, Endpoint: string, more = {}) => world.create('AWS::SNS::Subscription', Protocol, { TopicArn, Protocol, Endpoint, ...more });
  const publish = async (Message: string, more = {}) => {
    await world.call(world.as('sns', 'Publish', { TopicArn, Message, ...more }));
    await world.clock.advance(0);
  };
  const queue = async (name: string): Promise<string> => (await world.create('AWS::SQS::Queue', name, { QueueName: name })).attributes!.Arn;
  const bodies = (arn: string) => world.service<SqsService>('sqs').bodies(arn);

  test('write to people', async () => {
    await subscribe('email', 'a@example.com');
    await publish('hello', { Subject: 'greeting' });
    expect(sns.inbox).toMatchObject([{ protocol: 'email', endpoint: 'a@example.com', subject: 'greeting', message: 'hello' }]);
  });

  test('fill queues, in an envelope or raw', async () => {
    const [wrapped, raw] = [await queue('wrapped'), await queue('raw')];
    await subscribe('sqs', wrapped);
    await world.create('AWS::SNS::Subscription', 'raw', { TopicArn, Protocol: 'sqs', Endpoint: raw, RawMessageDelivery: true });
    await publish('hello');
    expect(JSON.parse(bodies(wrapped)[0]!)).toMatchObject({ Type: 'Notification', TopicArn, Message: 'hello' });
    expect(bodies(raw)).toEqual(['hello']);
    expect(world.called('sqs', 'SendMessage')[0]!.caller).toEqual({ kind: 'service', service: 'sns.amazonaws.com', sourceArn: TopicArn, sourceAccount: world.account });
  });

  test('call functions', async () => {
    await subscribe('lambda', world.arn('lambda', 'function:f'));
    await publish('{"a":1}', { Subject: 's' });
    expect(invoked[0]!.event.Records[0]).toMatchObject({ EventSource: 'aws:sns', Sns: { TopicArn, Subject: 's', Message: '{"a":1}' } });
  });

  test('keep what a subscriber refuses, and count it', async () => {
    refuse = true;
    const dead = await queue('dead');
    await subscribe('lambda', world.arn('lambda', 'function:f'), { RedrivePolicy: { deadLetterTargetArn: dead } });
    await publish('hello');
    expect(JSON.parse(bodies(dead)[0]!)).toMatchObject({ Message: 'hello' });
    expect(sns.failures).toMatchObject([{ message: 'hello', error: 'AccessDeniedException: no (kept in the dead-letter queue)' }]);
    const { metrics } = world.service<CloudWatchService>('monitoring');
    const series = metrics.seriesOf({ Namespace: 'AWS/SNS', MetricName: 'NumberOfNotificationsFailed', Dimensions: [{ Name: 'TopicName', Value: 't' }] });
    expect(series.over(0, Number.MAX_SAFE_INTEGER, 'Sum')).toBe(1);
  });

  test.each([
    ['its attributes', {}, { MessageAttributes: { severity: { DataType: 'String', StringValue: 'high' } } }, 'x', 1],
    ['its attributes', {}, { MessageAttributes: { severity: { DataType: 'String', StringValue: 'low' } } }, 'x', 0],
    ['its body', { FilterPolicyScope: 'MessageBody' }, {}, '{"severity":"high"}', 1],
    ['its body', { FilterPolicyScope: 'MessageBody' }, {}, 'no JSON', 0],
  ])('filter a message by %s: %j %j %s', async (_what, settings, attributes, message, count) => {
    await subscribe('email', 'a@example.com', { FilterPolicy: { severity: ['high'] }, ...settings });
    await publish(message, attributes);
    expect(sns.inbox).toHaveLength(count);
  });

  test('let the account\'s alarms publish by themselves, but not EventBridge; a policy of their own decides alone', async () => {
    const policy = () => sns.operations.Publish!.authorize({ TopicArn }, { world, caller: { kind: 'administrator' } } as never)[0]!.resourcePolicy;
    expect(policy()).toMatchObject({ Statement: [{ Principal: '*', Condition: { StringEquals: { 'aws:SourceAccount': world.account } } }] });
    const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sns:Publish', Resource: TopicArn }] };
    const handle = await world.create('AWS::SNS::TopicPolicy', 'P', { Topics: [TopicArn], PolicyDocument });
    expect(policy()).toEqual(PolicyDocument);
    await world.remove('AWS::SNS::TopicPolicy', 'P', handle, { Topics: [TopicArn] });
    expect(policy()).not.toEqual(PolicyDocument);
  });

  test('speak to each protocol in its own words', async () => {
    await subscribe('email', 'a@example.com');
    await publish('{"default":"d","email":"e"}', { MessageStructure: 'json' });
    expect(sns.inbox[0]!.message).toBe('e');
    await expect(publish('{"email":"e"}', { MessageStructure: 'json' })).rejects.toThrow('No default entry');
  });

  test('go with their subscriptions', async () => {
    await subscribe('email', 'a@example.com');
    await world.remove('AWS::SNS::Topic', 'T', { physicalId: TopicArn });
    expect(sns.remaining()).toEqual([]);
    await expect(publish('x')).rejects.toMatchObject({ code: 'NotFound' });
  });
});
