import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { IKey } from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { readAlsoUnder } from '../private/bucket-access';
import { checkDuration } from '../private/checks';
import { throwFaults } from '../private/errors';
import { ARTIFACT_PREFIXES } from './artifact-keys.contract';

export interface DataBucketsProps {
  /**
   * Key that encrypts the objects of all buckets.
   *
   * @default - the key that S3 manages
   */
  readonly encryptionKey?: IKey;

  /**
   * Keys of earlier deployments, under which objects that were written then are still encrypted. Whoever may read the
   * buckets may decrypt by them, too, and an endpoint that was released then goes on using them.
   *
   * @default - every object is encrypted under the present key
   */
  readonly formerEncryptionKeys?: IKey[];

  /**
   * How long captured requests and answers are kept. They are personal data as a rule.
   *
   * @default Duration.days(30)
   */
  readonly captureRetention?: Duration;

  /**
   * How long a training run's copies of rows are kept, with what models answered to them, checkpoints and `evaluate`'s output. No model
   * needs them once its run has ended: a package names the object versions that it was trained on.
   *
   * @default Duration.days(30)
   */
  readonly rowRetention?: Duration;

  /**
   * An existing bucket for datasets. It must be versioned, and send its events to EventBridge.
   *
   * @default - a new bucket
   */
  readonly datasets?: s3.IBucket;

  /**
   * What happens to the buckets when the stack is deleted. A bucket can only be deleted when it is empty.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** The buckets of a loop, each with the lifecycle that its contents need; all encrypted, private and reached by TLS only. */
export class DataBuckets extends Construct {
  /** Datasets, versioned, so that a training run can name exactly what it read. */
  public readonly datasets: s3.IBucket;
  /** Models, baselines, reports and state, and for a while the rows of training runs and the files of scans. What a serving model may need does not expire. */
  public readonly artifacts: s3.IBucket;
  /** Captured requests and answers; they expire. */
  public readonly captured: s3.IBucket;
  /** How long captured requests and answers are kept. */
  public readonly captureRetention: Duration;
  /** What pipelines hand from action to action; it expires. */
  public readonly pipelineArtifacts: s3.IBucket;

  constructor(scope: Construct, id: string, props: DataBucketsProps = {}) {
    super(scope, id);
    throwFaults(this, [
      checkDuration('captureRetention', props.captureRetention, Duration.days(1), Duration.days(3650)),
      // A run may take a week, and a rejected candidate be looked into after it.
      checkDuration('rowRetention', props.rowRetention, Duration.days(8), Duration.days(3650)),
    ].filter((fault) => fault !== undefined));

    const bucket = (name: string, own: s3.BucketProps) => this.createBucket(name, props, own);
    const abandoned: s3.LifecycleRule = { abortIncompleteMultipartUploadAfter: Duration.days(7) };

    this.datasets = props.datasets ?? sendEvents(bucket('Datasets', { versioned: true, lifecycleRules: [abandoned] }));
    const expiring = (prefix: string, expiration: Duration): s3.LifecycleRule => ({ prefix, expiration, noncurrentVersionExpiration: Duration.days(1) });
    const ofRuns = [ARTIFACT_PREFIXES.rows, ARTIFACT_PREFIXES.checkpoints, ARTIFACT_PREFIXES.customEvaluations].map((prefix) => expiring(prefix, props.rowRetention ?? Duration.days(30)));
    // State and figures are overwritten; their earlier versions expire.
    const rewritten = [ARTIFACT_PREFIXES.state, ARTIFACT_PREFIXES.monitoring, ARTIFACT_PREFIXES.datasets].map((prefix) => ({ prefix, noncurrentVersionExpiration: Duration.days(30) }));
    this.artifacts = bucket('Artifacts', { versioned: true, lifecycleRules: [abandoned, expiring(ARTIFACT_PREFIXES.scans, Duration.days(30)), ...ofRuns, ...rewritten] });
    this.captureRetention = props.captureRetention ?? Duration.days(30);
    this.captured = bucket('Captured', { lifecycleRules: [{ ...abandoned, expiration: this.captureRetention }] });
    this.pipelineArtifacts = bucket('PipelineArtifacts', { lifecycleRules: [{ ...abandoned, expiration: Duration.days(90) }] });
  }

  private createBucket(name: string, props: DataBucketsProps, own: s3.BucketProps): s3.Bucket {
    const bucket = new s3.Bucket(this, name, {
      encryption: props.encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey: props.encryptionKey,
      // One data key per bucket instead of a KMS call per object.
      bucketKeyEnabled: props.encryptionKey ? true : undefined,
      enforceSSL: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      ...own,
    });
    readAlsoUnder(bucket, props.formerEncryptionKeys ?? []);
    return bucket;
  }
}

/** By the bucket's own property: the CDK's `eventBridgeEnabled` deploys a function that calls S3 for it. */
function sendEvents(bucket: s3.Bucket): s3.Bucket {
  (bucket.node.defaultChild as s3.CfnBucket).notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
  return bucket;
}
