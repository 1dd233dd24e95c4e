import { Duration } from 'aws-cdk-lib';
import { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { IPipeline } from 'aws-cdk-lib/aws-codepipeline';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { Dataset } from '../data/dataset';
import { ModelRegistry } from '../model/model-registry';
import { grantBucketAccess } from '../private/bucket-access';
import { checkDuration, checkNumber } from '../private/checks';
import { Faults } from '../private/errors';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { uniqueName } from '../private/names';
import { DRIFT_METRICS } from './drift-monitor.contract';
import { RetrainingRules, START_RETRAINING_ENV } from './start-retraining.contract';

export interface RetrainingOptions {
  /**
   * Least time between the starts of two retrainings; whole hours.
   *
   * @default Duration.days(1)
   */
  readonly cooldown?: Duration;

  /**
   * Most retrainings in thirty days.
   *
   * @default 8
   */
  readonly monthlyBudget?: number;

  /**
   * How much of the newest data a retraining uses. After drift the old data is what no longer holds.
   *
   * @default - the dataset's own training window
   */
  readonly trainingWindow?: Duration;
}

export interface RetrainingProps extends RetrainingOptions {
  /** The alarm that asks for a retraining. */
  readonly alarm: IAlarm;
  /** The pipeline that retrains. */
  readonly pipeline: IPipeline;
  /** The data whose fresh rows are counted. */
  readonly dataset: Dataset;
  /** Where candidates are registered; none is trained while one waits for approval. */
  readonly registry: ModelRegistry;
  /** Where the state of retraining is kept. */
  readonly buckets: DataBuckets;

  /**
   * Where an event goes that could not be handled.
   *
   * @default - it is dropped after the retries
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Key of the handler's logs.
   *
   * @default - CloudWatch Logs encrypts with its own key
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the handler's logs are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}

/**
 * Starts a retraining while an alarm rings: one at a time, not within the cool-down, not beyond the budget, and not before
 * enough labelled rows have arrived since drift began; again, if the alarm never leaves ALARM.
 */
export class Retraining extends Construct {
  /** Name of the loop in state and metrics. */
  public readonly loopName: string;
  /** The rules that make it look: a change of the alarm, and every hour. */
  public readonly rules: events.Rule[];

  constructor(scope: Construct, id: string, props: RetrainingProps) {
    super(scope, id);
    new Faults().addAll(retrainingFaults(props)).addAll(props.dataset._faults()).throwIn(this);
    const { alarm, pipeline, dataset, buckets, registry, deadLetterQueue } = props;
    this.loopName = uniqueName(this, 50);
    const rules: RetrainingRules = {
      cooldownHours: (props.cooldown ?? Duration.days(1)).toHours(),
      monthlyBudget: props.monthlyBudget ?? 8,
      trainingWindow: props.trainingWindow?.toIsoString() ?? 'default',
    };

    const handler = new HandlerFunction(this, 'Start', {
      handler: 'monitoring/start-retraining',
      description: 'decides whether to retrain, and starts it',
      asynchronous: { retryAttempts: 2, deadLetterQueue },
      timeout: Duration.minutes(15),
      memorySize: 1024,
      encryptionKey: props.encryptionKey,
      logRetention: props.logRetention,
      environment: START_RETRAINING_ENV.render({
        LOOP_NAME: this.loopName,
        PIPELINE_NAME: pipeline.pipelineName,
        ALARM_NAME: alarm.alarmName,
        DATA_BUCKET: dataset.bucket.bucketName,
        DATA_PREFIX: dataset.prefix,
        ARTIFACTS_BUCKET: buckets.artifacts.bucketName,
        DATASET: JSON.stringify(dataset._describe()),
        RULES: JSON.stringify(rules),
        METRIC_NAMESPACE: DRIFT_METRICS.namespace,
        MODEL_PACKAGE_GROUP: registry.modelPackageGroupName,
      }),
    });
    const ownState = [`${ARTIFACT_PREFIXES.state}${this.loopName}/`, ARTIFACT_PREFIXES.datasets];
    grantBucketAccess(handler.role, buckets.artifacts, { read: ownState, write: ownState, list: true });
    grantBucketAccess(handler.role, dataset.bucket, { readVersions: [dataset.prefix] });
    handler.allow(['s3:ListBucketVersions'], [dataset.bucket.bucketArn]);
    handler.allow(['cloudwatch:DescribeAlarms'], [alarm.alarmArn]);
    handler.allow(['codepipeline:ListPipelineExecutions', 'codepipeline:StartPipelineExecution'], [regionalArn(this, 'codepipeline', pipeline.pipelineName)]);
    handler.allow(['sagemaker:ListModelPackages'], [registry.modelPackageArns]);

    const target = new targets.LambdaFunction(handler.function, { deadLetterQueue });
    this.rules = [
      new events.Rule(this, 'AlarmChanges', {
        description: 'the drift alarm changed its state',
        eventPattern: { source: ['aws.cloudwatch'], detailType: ['CloudWatch Alarm State Change'], resources: [alarm.alarmArn] },
        targets: [target],
      }),
      new events.Rule(this, 'Hourly', {
        // An alarm that stays in ALARM sends nothing more, and an event may be lost.
        description: 'looks at the drift alarm',
        schedule: events.Schedule.cron({ minute: '40' }),
        targets: [target],
      }),
    ];
  }
}

export function retrainingFaults(options: RetrainingOptions): readonly string[] {
  return new Faults()
    .add(checkDuration('retraining.cooldown', options.cooldown, Duration.hours(1), Duration.days(30)))
    .add(checkNumber('retraining.monthlyBudget', options.monthlyBudget, { minimum: 1, maximum: 100, integer: true }))
    .add(checkDuration('retraining.trainingWindow', options.trainingWindow, Duration.hours(1), Duration.days(3650)))
    .list;
}
