import { of, type Call } from './calls';

const sns = of('sns');
const sqs = of('sqs');
const events = of('events');
const logs = of('logs');
const topic = 'arn:aws:sns:us-east-1:123456789012:alarms';
const queue = '{queue.QueueUrl}';
const pattern = JSON.stringify({ source: ['mine'] });

export const MESSAGE_CALLS: readonly Call[] = [
  sns('GetTopicAttributes', { TopicArn: topic }),
  sns('Publish', { TopicArn: topic, Message: 'x' }),
  sns('CreateTopic', { Name: 'alarms' }, { same: ['TopicArn'] }),
  sns('CreateTopic', { Name: 'alarms' }, { same: ['TopicArn'] }),
  sns('CreateTopic', { Name: 'not a name' }),
  sns('SetTopicAttributes', { TopicArn: topic, AttributeName: 'DisplayName', AttributeValue: 'Alarms' }),
  sns('GetTopicAttributes', { TopicArn: topic }, { same: ['Attributes.TopicArn', 'Attributes.DisplayName', 'Attributes.SubscriptionsConfirmed'] }),
  sns('ListSubscriptionsByTopic', { TopicArn: topic }, { same: ['Subscriptions'] }),
  sns('Publish', { TopicArn: topic, Message: 'x', Subject: 'y' }),
  sqs('GetQueueUrl', { QueueName: 'dead-letters' }),
  sqs('CreateQueue', { QueueName: 'dead-letters', Attributes: { VisibilityTimeout: '60' } }, { save: 'queue' }),
  sqs('CreateQueue', { QueueName: 'dead-letters', Attributes: { VisibilityTimeout: '60' } }),
  sqs('CreateQueue', { QueueName: 'dead-letters', Attributes: { VisibilityTimeout: '61' } }),
  sqs('GetQueueAttributes', { QueueUrl: queue, AttributeNames: ['All'] }, {
    same: ['Attributes.VisibilityTimeout', 'Attributes.QueueArn', 'Attributes.MessageRetentionPeriod', 'Attributes.ApproximateNumberOfMessages', 'Attributes.MaximumMessageSize'],
  }),
  sqs('SendMessage', { QueueUrl: queue, MessageBody: 'hello' }, { same: ['MD5OfMessageBody'] }),
  sqs('GetQueueAttributes', { QueueUrl: queue, AttributeNames: ['ApproximateNumberOfMessages'] }, { same: ['Attributes.ApproximateNumberOfMessages'] }),
  sqs('ReceiveMessage', { QueueUrl: queue }, { same: ['Messages.0.Body', 'Messages.0.MD5OfBody'], save: 'received' }),
  sqs('ReceiveMessage', { QueueUrl: queue }, { same: ['Messages'] }),
  sqs('DeleteMessage', { QueueUrl: queue, ReceiptHandle: '{received.Messages.0.ReceiptHandle}' }),
  sqs('SendMessage', { QueueUrl: 'http://localhost/123456789012/none', MessageBody: 'x' }),
  sqs('DeleteQueue', { QueueUrl: queue }),
  sqs('GetQueueUrl', { QueueName: 'dead-letters' }),
  sns('DeleteTopic', { TopicArn: topic }),

  events('DescribeRule', { Name: 'hourly' }),
  events('PutRule', { Name: 'hourly', ScheduleExpression: 'rate(1 hour)' }, { same: ['RuleArn'] }),
  events('PutRule', { Name: 'mine', EventPattern: pattern, State: 'DISABLED', Description: 'x' }, { same: ['RuleArn'] }),
  events('PutRule', { Name: 'neither' }),
  events('PutRule', { Name: 'bad', EventPattern: '{' }),
  events('PutRule', { Name: 'bad', ScheduleExpression: 'every hour' }),
  events('DescribeRule', { Name: 'mine' }, { same: ['Name', 'State', 'EventPattern', 'Description', 'Arn'] }),
  events('EnableRule', { Name: 'mine' }),
  events('DescribeRule', { Name: 'mine' }, { same: ['State'] }),
  events('EnableRule', { Name: 'none' }),
  events('DisableRule', { Name: 'none' }),
  events('ListRules', { NamePrefix: 'hour' }, { same: ['Rules.0.Name', 'Rules.0.ScheduleExpression', 'Rules.0.State', 'Rules.1.Name'] }),
  events('PutTargets', { Rule: 'mine', Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:us-east-1:123456789012:dead-letters' }] }, { same: ['FailedEntryCount'] }),
  events('PutTargets', { Rule: 'none', Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:us-east-1:123456789012:dead-letters' }] }),
  events('ListTargetsByRule', { Rule: 'mine' }, { same: ['Targets'] }),
  events('DeleteRule', { Name: 'mine' }),
  events('RemoveTargets', { Rule: 'mine', Ids: ['a'] }, { same: ['FailedEntryCount'] }),
  events('DeleteRule', { Name: 'mine' }),
  events('DeleteRule', { Name: 'mine' }),
  events('PutEvents', { Entries: [{ Source: 'mine', DetailType: 'x', Detail: '{}' }] }, { same: ['FailedEntryCount'] }),
  events('PutEvents', { Entries: [{ Source: 'mine', DetailType: 'x', Detail: 'no' }] }, { same: ['FailedEntryCount', 'Entries.0.ErrorCode'] }),
  events('PutEvents', { Entries: [{ Source: 'mine', Detail: '{}' }] }, { same: ['FailedEntryCount', 'Entries.0.ErrorCode'] }),
  events('PutEvents', { Entries: [{ Source: 'aws.sagemaker', DetailType: 'x', Detail: '{}' }] }, { same: ['FailedEntryCount', 'Entries.0.ErrorCode'] }),
  events('TestEventPattern', {
    EventPattern: pattern, Event: JSON.stringify({ id: '1', account: '123456789012', source: 'mine', time: '2001-02-03T04:05:06Z', region: 'us-east-1', resources: [], 'detail-type': 'x', detail: {} }),
  }, { same: ['Result'] }),

  logs('DescribeLogStreams', { logGroupName: '/loop' }),
  logs('CreateLogGroup', { logGroupName: '/loop' }),
  logs('CreateLogGroup', { logGroupName: '/loop' }),
  logs('PutRetentionPolicy', { logGroupName: '/loop', retentionInDays: 30 }),
  logs('PutRetentionPolicy', { logGroupName: '/none', retentionInDays: 30 }),
  logs('DescribeLogGroups', { logGroupNamePrefix: '/loop' }, { same: ['logGroups.0.logGroupName', 'logGroups.0.retentionInDays', 'logGroups.0.arn'] }),
  logs('PutRetentionPolicy', { logGroupName: '/loop', retentionInDays: 31 }),
  logs('CreateLogStream', { logGroupName: '/loop', logStreamName: 'a' }),
  logs('CreateLogStream', { logGroupName: '/loop', logStreamName: 'a' }),
  logs('CreateLogStream', { logGroupName: '/none', logStreamName: 'a' }),
  logs('DescribeLogStreams', { logGroupName: '/loop' }, { same: ['logStreams.0.logStreamName'] }),
  logs('PutLogEvents', { logGroupName: '/loop', logStreamName: 'none', logEvents: [{ timestamp: 1, message: 'x' }] }),
  logs('GetLogEvents', { logGroupName: '/loop', logStreamName: 'a' }, { same: ['events'] }),
  logs('FilterLogEvents', { logGroupName: '/none' }),
  logs('DeleteLogStream', { logGroupName: '/loop', logStreamName: 'a' }),
  logs('DeleteLogStream', { logGroupName: '/loop', logStreamName: 'a' }),
  logs('DeleteLogGroup', { logGroupName: '/loop' }),
  logs('DeleteLogGroup', { logGroupName: '/loop' }),
];
