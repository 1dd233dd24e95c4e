import { Annotations, CfnDeletionPolicy, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import { InstanceArchitecture } from 'aws-cdk-lib/aws-ec2';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, IConstruct } from 'constructs';
import { checkDuration } from '../private/checks';
import { throwFaults } from '../private/errors';
import { grantBucketAccess } from '../private/bucket-access';
import { allowLogsToUse } from '../private/key-use';
import { sealed, serviceRole } from '../private/service-role';
import { IMAGE_URI_VARIABLE, imageBuildSpec } from './build-spec';
import { ModelProject } from './model-project';

/** An image in a registry. */
export interface RegistryImageOptions {
  /**
   * Repositories of images that the loop used before and that a model which serves, or one that a rejection brings back, still
   * needs: whoever may pull the image may pull from them, too. A repository of another account must itself allow it.
   *
   * @default - the image is pulled from its own repository only
   */
  readonly additionalPullRepositories?: ecr.IRepository[];
}

export interface ModelImageProps extends RegistryImageOptions {
  /** The code that the image is built from. */
  readonly project: ModelProject;

  /** Bucket in which the pipeline hands the project over. */
  readonly pipelineArtifacts: IBucket;

  /**
   * Key of the build's log group.
   *
   * @default - CloudWatch Logs encrypts with its own key
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the build's log is kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * What happens to the repository when the stack is deleted; wherever it is deleted, its images go too.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Longest time of a build.
   *
   * @default Duration.hours(1)
   */
  readonly timeout?: Duration;
}

/** Namespace of the build's variables in a pipeline. */
export const BUILD_NAMESPACE = 'Build';

/** An image that trains, evaluates and serves a model. */
export interface IModelImage extends IConstruct {
  /** The code that it is built from, or the note of where it comes from. */
  readonly project: ModelProject;

  /**
   * Builds the image and gives its digest.
   *
   * @default - the image exists already
   */
  readonly buildProject?: codebuild.IProject;

  /** The image as a training pipeline names it: a pipeline expression after a build, or a literal. */
  readonly imageUri: string;

  /**
   * Processors that the image is built for.
   *
   * @default - not known at synthesis
   */
  readonly architecture?: InstanceArchitecture;

  /** Allows running the image: what SageMaker asks of the role of a job or a model. */
  grantPull(grantee: iam.IGrantable): void;

  /** Allows registering a package of the image: what SageMaker asks of whoever makes one. */
  grantRegister(grantee: iam.IGrantable): void;
}

/**
 * The image of a model project and the build that makes it. Tags are immutable and images are handed on by digest, so
 * that an image that was approved is the one that serves.
 */
export class ModelImage extends Construct implements IModelImage {
  /**
   * An image in ECR that was built elsewhere or is provided by AWS: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/model@sha256:…`.
   * It must know the commands `train`, `evaluate` and `serve`. A repository of another account must itself allow this one to pull, and `ecr:DescribeImages`.
   * SageMaker takes one image for `linux/amd64` with a manifest of Docker's version 2, schema 2; no index of several platforms or with attestations.
   */
  public static fromRegistry(scope: Construct, id: string, imageUri: string, options: RegistryImageOptions = {}): IModelImage {
    return new RegistryImage(scope, id, imageUri, options);
  }

  /** Images of the project. Tagged images never expire: a model that serves may need them at any time. */
  public readonly repository: ecr.Repository;
  /** The code that the image is built from. */
  public readonly project: ModelProject;
  /** Tests the project, builds its image, pushes it, and gives its digest. */
  public readonly buildProject?: codebuild.IProject;
  /** The image that the build has made, as a pipeline expression. */
  public readonly imageUri = `#{${BUILD_NAMESPACE}.${IMAGE_URI_VARIABLE}}`;
  /** The build runs on x86, as training does. */
  public readonly architecture?: InstanceArchitecture = InstanceArchitecture.X86_64;

  private readonly pullable: string[];

  constructor(scope: Construct, id: string, props: ModelImageProps) {
    super(scope, id);
    throwFaults(this, [checkDuration('timeout', props.timeout, Duration.minutes(5), Duration.hours(36))].filter((fault) => fault !== undefined));
    this.project = props.project;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;

    this.repository = new ecr.Repository(this, 'Resource', {
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      ...(props.encryptionKey ? { encryption: ecr.RepositoryEncryption.KMS, encryptionKey: props.encryptionKey } : {}),
      // Only what a broken push left behind: every finished build has its own tag.
      lifecycleRules: [{ tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(14) }],
      removalPolicy,
    });
    // Wherever it is deleted. Not by the property of the construct, which takes it with DESTROY only.
    (this.repository.node.defaultChild as ecr.CfnRepository).emptyOnDelete = removalPolicy !== RemovalPolicy.RETAIN;
    // Another key makes another repository. The endpoint still needs the images of the one before, even where all is to go with the stack.
    (this.repository.node.defaultChild as ecr.CfnRepository).cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
    this.pullable = pullableFrom(this.repository.repositoryArn, props);

    const logGroup = new logs.LogGroup(this, 'BuildLogs', {
      retention: props.logRetention ?? logs.RetentionDays.THREE_MONTHS,
      encryptionKey: props.encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    if (props.encryptionKey) allowLogsToUse(props.encryptionKey, this);

    const role = this.buildRole(logGroup, props.pipelineArtifacts);
    this.buildProject = new codebuild.PipelineProject(this, 'Build', {
      description: 'tests the model project and builds its image',
      // What a build may do stands above, to the letter.
      role: sealed(role),
      grantReportGroupPermissions: false,
      environment: { buildImage: codebuild.LinuxBuildImage.STANDARD_7_0, privileged: true },
      environmentVariables: { REPOSITORY_URI: { value: this.repository.repositoryUri } },
      encryptionKey: props.encryptionKey,
      logging: { cloudWatch: { logGroup } },
      timeout: props.timeout ?? Duration.hours(1),
      buildSpec: codebuild.BuildSpec.fromObject(imageBuildSpec(props.project.testCommands)),
    });
  }

  /** Allows running the images. */
  public grantPull(grantee: iam.IGrantable): void {
    grantPull(grantee, this.pullable);
  }

  /** Allows registering packages of the images. */
  public grantRegister(grantee: iam.IGrantable): void {
    grantRegister(grantee, this.pullable);
  }

  private buildRole(logGroup: logs.ILogGroup, artifacts: IBucket): iam.Role {
    const role = serviceRole(this, 'BuildRole', 'codebuild.amazonaws.com');
    const allow = (actions: string[], resources: string[]) => role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    // Dockerfiles and tests of the project run with this role.
    grantBucketAccess(role, artifacts, { read: [''], readVersions: [''], keyThroughS3Only: true });
    allow(['ecr:GetAuthorizationToken'], ['*']);
    allow([
      'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:DescribeImages', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart',
    ], [this.repository.repositoryArn]);
    return role;
  }
}

/** An image that is there already. */
class RegistryImage extends Construct implements IModelImage {
  public readonly project: ModelProject;
  private readonly pullable: string[];

  constructor(scope: Construct, id: string, public readonly imageUri: string, options: RegistryImageOptions) {
    super(scope, id);
    const match = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9._/-]+)(:[\w.-]+|@sha256:[0-9a-f]{64})$/.exec(imageUri);
    if (match === null) {
      throwFaults(this, [`the image is '${imageUri}'; give the address of an image in ECR, such as '123456789012.dkr.ecr.eu-west-1.amazonaws.com/model@sha256:<digest>'`]);
    }
    const [, account, region, resourceName, version] = match!;
    this.pullable = pullableFrom(Stack.of(this).formatArn({ service: 'ecr', resource: 'repository', resourceName, account, region }), options);
    this.project = ModelProject.fromImage(imageUri);
    if (version!.startsWith(':')) {
      Annotations.of(this).addWarningV2('cdk-mlops:imageByTag', `the image is named by its tag '${version!.slice(1)}', which can be moved: what was approved may not be what serves; name it by its digest`);
    }
  }

  public grantPull(grantee: iam.IGrantable): void {
    grantPull(grantee, this.pullable);
  }

  public grantRegister(grantee: iam.IGrantable): void {
    grantRegister(grantee, this.pullable);
  }
}

function pullableFrom(own: string, { additionalPullRepositories = [] }: RegistryImageOptions): string[] {
  return [own, ...additionalPullRepositories.map(({ repositoryArn }) => repositoryArn)];
}

function grantPull(grantee: iam.IGrantable, resourceArns: string[]): void {
  iam.Grant.addToPrincipal({ grantee, actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], resourceArns });
  iam.Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
}

/** A run that began before a move registers an image of the repository of before. */
function grantRegister(grantee: iam.IGrantable, resourceArns: string[]): void {
  iam.Grant.addToPrincipal({ grantee, actions: ['ecr:BatchGetImage', 'ecr:DescribeImages'], resourceArns });
}
