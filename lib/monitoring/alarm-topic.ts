import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey, Key } from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { RemovalPolicy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { throwFaults } from '../private/errors';
import { allowTopicPublishersToUse } from '../private/key-use';

export interface AlarmTopicProps {
  /**
   * Who gets a mail; each must confirm it once.
   *
   * @default - nobody; subscribe to the topic instead
   */
  readonly emails?: string[];

  /**
   * Key of the topic. The policy of an imported key must let `cloudwatch.amazonaws.com` and `events.amazonaws.com` use
   * it (`kms:Decrypt`, `kms:GenerateDataKey*`), otherwise alarms are lost without a word.
   *
   * @default - a new key
   */
  readonly encryptionKey?: IKey;
}

/** A topic that alarms and EventBridge rules can really publish to: neither can under the key that SNS manages. */
export class AlarmTopic extends Construct {
  /** The topic. */
  public readonly topic: sns.Topic;

  constructor(scope: Construct, id: string, props: AlarmTopicProps = {}) {
    super(scope, id);
    const emails = props.emails ?? [];
    throwFaults(this, emails.filter((email) => !/^[^@\s]+@[^@\s]+$/.test(email)).map((email) => `'${email}' is not an address; give one such as 'team@example.com'`));

    const key = props.encryptionKey ?? new Key(this, 'Key', {
      description: `alarms of ${this.node.path}`, enableKeyRotation: true, removalPolicy: RemovalPolicy.DESTROY,
    });
    allowTopicPublishersToUse(key, this);
    this.topic = new sns.Topic(this, 'Resource', { masterKey: key, enforceSSL: true });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));

    const stack = Stack.of(this);
    this.topic.addToResourcePolicy(new iam.PolicyStatement({
      sid: 'Alarms',
      principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [this.topic.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': stack.account },
        ArnLike: { 'aws:SourceArn': stack.formatArn({ service: 'cloudwatch', resource: 'alarm:*' }) },
      },
    }));
  }
}
