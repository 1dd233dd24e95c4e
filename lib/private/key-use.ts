import { Aws, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/**
 * Statements that a key's own policy must have for services which act without a role of ours. They are added to keys of
 * the app; the policy of an imported key is the user's, who finds them in the documentation of `encryptionKey`.
 */
export function allowLogsToUse(key: IKey, scope: Construct): void {
  const stack = Stack.of(scope);
  key.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'LogGroups',
    principals: [new iam.ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)],
    actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
    resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': stack.formatArn({ service: 'logs', resource: 'log-group:*' }) } },
  }));
}

const PUBLISH_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey*'];

/** CloudWatch names the alarm in `aws:SourceArn`; EventBridge carries nothing that a condition could hold on to. */
export function allowTopicPublishersToUse(key: IKey, scope: Construct): void {
  key.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'AlarmsToTopic',
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: PUBLISH_ACTIONS,
    resources: ['*'],
    conditions: { ArnLike: { 'aws:SourceArn': Stack.of(scope).formatArn({ service: 'cloudwatch', resource: 'alarm:*' }) } },
  }));
  allowEventBridgeToUse(key);
}

/** For what rules send to topics and queues under the key. */
export function allowEventBridgeToUse(key: IKey): void {
  key.addToResourcePolicy(new iam.PolicyStatement({
    sid: 'Events',
    principals: [new iam.ServicePrincipal('events.amazonaws.com')],
    actions: PUBLISH_ACTIONS,
    resources: ['*'],
  }));
}
