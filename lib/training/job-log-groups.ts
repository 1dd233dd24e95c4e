import { RemovalPolicy } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allowLogsToUse } from '../private/key-use';

export interface JobLogGroupsProps {
  /**
   * How long logs of jobs are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly retention?: logs.RetentionDays;

  /**
   * Key of the logs.
   *
   * @default - CloudWatch Logs encrypts with its own key
   */
  readonly encryptionKey?: IKey;
}

/**
 * The log groups that all SageMaker jobs of an account and region share. SageMaker makes them at the first job, without
 * retention. Only one stack can own them, and only if they do not exist yet, so a loop does not bring them along: add this
 * once, before the first job runs.
 */
export class JobLogGroups extends Construct {
  /** Logs of training jobs. */
  public readonly training: logs.LogGroup;
  /** Logs of transform jobs, in which models answer stored rows. */
  public readonly transform: logs.LogGroup;
  /** Logs of processing jobs. */
  public readonly processing: logs.LogGroup;

  constructor(scope: Construct, id: string, props: JobLogGroupsProps = {}) {
    super(scope, id);
    if (props.encryptionKey) allowLogsToUse(props.encryptionKey, this);
    const group = (jobs: string) => new logs.LogGroup(this, jobs, {
      logGroupName: `/aws/sagemaker/${jobs}`,
      retention: props.retention ?? logs.RetentionDays.THREE_MONTHS,
      encryptionKey: props.encryptionKey,
      // Their names are fixed: retained, they would be in the way of the next deployment.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.training = group('TrainingJobs');
    this.transform = group('TransformJobs');
    this.processing = group('ProcessingJobs');
  }
}
