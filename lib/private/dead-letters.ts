import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { describedAlarm } from './described-alarm';
import { allowEventBridgeToUse } from './key-use';

/** Where events lie that no attempt could handle, and the alarm that says so. */
export class DeadLetters extends Construct {
  public readonly queue: sqs.Queue;
  public readonly alarm: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, topic: ITopic, encryptionKey: IKey | undefined) {
    super(scope, id);
    this.queue = new sqs.Queue(this, 'Resource', {
      encryption: encryptionKey ? sqs.QueueEncryption.KMS : sqs.QueueEncryption.SQS_MANAGED, encryptionMasterKey: encryptionKey, enforceSSL: true, retentionPeriod: Duration.days(14), removalPolicy: RemovalPolicy.DESTROY,
    });
    // The topic's own key lets EventBridge use it already.
    if (encryptionKey && encryptionKey !== topic.masterKey) allowEventBridgeToUse(encryptionKey);
    this.alarm = describedAlarm(this, 'NotEmpty', {
      severity: 'warning',
      runbook: 'dead-letters',
      meaning: 'an event could not be handled and waits to be looked at',
      metric: this.queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: cloudwatch.Stats.MAXIMUM }),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      topic,
    });
  }
}
