import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as codebuild from 'aws-cdk-lib/aws-codebuild';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { checkDuration } from '../private/checks';
import { throwFaults } from '../private/errors';
import { grantBucketAccess } from '../private/bucket-access';
import { allowLogsToUse } from '../private/key-use';
import { sealed, serviceRole } from '../private/service-role';
import { ModelProject } from './model-project';

export interface ModelImageProps {
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
   * What happens to the repository when the stack is deleted; with `DESTROY` its images go too.
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

/** Output variable of the build: the image by digest, `repository@sha256:…`. */
export const IMAGE_URI_VARIABLE = 'IMAGE_URI';

/**
 * The image of a model project and the build that makes it. Tags are immutable and images are handed on by digest, so
 * that an image that was approved is the one that serves.
 */
export class ModelImage extends Construct {
  /** Images of the project. Tagged images never expire: a model that serves may need them at any time. */
  public readonly repository: ecr.Repository;
  /** The code that the image is built from. */
  public readonly project: ModelProject;
  /** Tests the project, builds its image, pushes it, and gives its digest. */
  public readonly buildProject: codebuild.IProject;

  constructor(scope: Construct, id: string, props: ModelImageProps) {
    super(scope, id);
    throwFaults(this, [checkDuration('timeout', props.timeout, Duration.minutes(5), Duration.hours(36))].filter((fault) => fault !== undefined));
    this.project = props.project;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;

    this.repository = new ecr.Repository(this, 'Resource', {
      imageTagMutability: ecr.TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      // Only what a broken push left behind: every finished build has its own tag.
      lifecycleRules: [{ tagStatus: ecr.TagStatus.UNTAGGED, maxImageAge: Duration.days(14) }],
      removalPolicy,
      emptyOnDelete: removalPolicy === RemovalPolicy.DESTROY,
    });

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
      buildSpec: codebuild.BuildSpec.fromObject(buildSpec(props.project.testCommands)),
    });
  }

  /** Allows running the images: what SageMaker asks of the role of a job or a model. */
  public grantPull(grantee: iam.IGrantable): void {
    iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      resourceArns: [this.repository.repositoryArn],
    });
    iam.Grant.addToPrincipal({ grantee, actions: ['ecr:GetAuthorizationToken'], resourceArns: ['*'] });
  }

  private buildRole(logGroup: logs.ILogGroup, artifacts: IBucket): iam.Role {
    const role = serviceRole(this, 'BuildRole', 'codebuild.amazonaws.com');
    const allow = (actions: string[], resources: string[]) => role.addToPolicy(new iam.PolicyStatement({ actions, resources }));
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    grantBucketAccess(role, artifacts, { read: [''], readVersions: [''] });
    allow(['ecr:GetAuthorizationToken'], ['*']);
    allow([
      'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart',
    ], [this.repository.repositoryArn]);
    return role;
  }
}

/** The tag is the build's own id: unique, so that a stage run again never meets a tag that cannot be moved. */
function buildSpec(testCommands: string[]): Record<string, unknown> {
  return {
    version: '0.2',
    env: { 'shell': 'bash', 'exported-variables': [IMAGE_URI_VARIABLE] },
    phases: {
      pre_build: {
        commands: [
          'test -f Dockerfile || { echo "the model project has no Dockerfile at its root; its image is built from one" >&2; exit 1; }',
          ...testCommands,
          'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"',
        ],
      },
      build: {
        commands: [
          'export TAG="$REPOSITORY_URI:${CODEBUILD_BUILD_ID##*:}"',
          // The failed command is what CodePipeline shows of a build, so it says itself what to do.
          'docker build --tag "$TAG" . || { echo "the image could not be built; the log of this build names the line of the Dockerfile to mend" >&2; exit 1; }',
          'docker push "$TAG"',
          `export ${IMAGE_URI_VARIABLE}="$(docker inspect --format '{{index .RepoDigests 0}}' "$TAG")"`,
        ],
      },
    },
  };
}
