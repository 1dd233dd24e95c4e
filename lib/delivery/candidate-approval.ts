import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ModelRegistry } from '../model/model-registry';
import { throwFaults } from '../private/errors';
import { HandlerFunction } from '../private/handler-function';
import { QualityGate } from '../training/quality-gate';
import { APPROVE_CANDIDATE_ENV } from './approve-candidate.contract';
import { AutomaticApprovalOptions, automaticApprovalFaults } from './approval-policy';

export interface CandidateApprovalProps extends AutomaticApprovalOptions {
  /** Whose candidates are approved. */
  readonly registry: ModelRegistry;
  /** The gate that says which metric the score is of, and whether more is better. */
  readonly gate: QualityGate;

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

/** Approves candidates by policy. Its role is the only one of the library that may set `Approved`. */
export class CandidateApproval extends Construct {
  /** The rule that hears of new candidates. */
  public readonly rule: events.Rule;

  constructor(scope: Construct, id: string, props: CandidateApprovalProps) {
    super(scope, id);
    throwFaults(this, automaticApprovalFaults(props, props.gate));
    const { registry, deadLetterQueue } = props;
    const handler = new HandlerFunction(this, 'Approve', {
      handler: 'delivery/approve-candidate',
      description: 'approves registered candidates by policy',
      asynchronous: { retryAttempts: 2, deadLetterQueue },
      encryptionKey: props.encryptionKey,
      logRetention: props.logRetention,
      environment: APPROVE_CANDIDATE_ENV.render({
        MODEL_PACKAGE_GROUP: registry.modelPackageGroupName,
        MINIMUM_SCORE: props.minimumScore === undefined ? undefined : String(props.minimumScore),
        DIRECTION: props.gate._rules().direction,
      }),
    });
    registry.grantRead(handler.role);
    handler.allow(['sagemaker:UpdateModelPackage'], [registry.modelPackageArns], { StringEquals: { 'sagemaker:ModelApprovalStatus': 'Approved' } });

    this.rule = new events.Rule(this, 'Candidates', {
      description: 'a candidate waits for approval',
      eventPattern: registry.packageEvents({ approvalStatuses: ['PendingManualApproval'] }),
      targets: [new targets.LambdaFunction(handler.function, { deadLetterQueue })],
    });
  }
}
