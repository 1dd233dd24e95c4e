import { existsSync } from 'fs';
import { join } from 'path';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import { EventPattern } from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { throwFaults } from '../private/errors';
import { jsonAsset } from '../private/json-asset';
import { PipelineAction, assetSourceAction, s3SourceAction } from '../private/pipeline-action';

export interface ModelProjectOptions {
  /**
   * Commands that test the project before its image is built; a failing one ends the run.
   *
   * @default - Python's unittest over the folder `tests`, if there is one
   */
  readonly testCommands?: string[];
}

export interface ConnectionProjectOptions extends ModelProjectOptions {
  /** Owner of the repository: a GitHub organisation, a GitLab group, a Bitbucket workspace. */
  readonly owner: string;
  /** Name of the repository. */
  readonly repository: string;
  /**
   * Branch whose pushes start a training run.
   *
   * @default 'main'
   */
  readonly branch?: string;
}

/** What a pipeline gives a project to bind to. */
export interface ModelProjectBindOptions {
  /** Where the source action is to put the project. */
  readonly output: codepipeline.Artifact;
  /** Role of the pipeline; the project grants it what its source needs. */
  readonly role: iam.IRole;
}

/** A project as a pipeline uses it. */
export interface ModelProjectConfig {
  /** The source action. */
  readonly action: codepipeline.IAction;
  /** Where the code came from, as a pipeline expression: a commit, an object version or a content hash. */
  readonly revision: string;
  /**
   * Events that say that the source has changed.
   *
   * @default - the source starts the pipeline by itself, or with a deployment
   */
  readonly changes?: EventPattern;
}

const UNIT_TESTS = 'if [ -d tests ]; then python3 -m unittest discover --start-directory tests --top-level-directory .; fi';

/**
 * Where the code of a model comes from: a folder with a Dockerfile whose image knows the commands `train`, `evaluate`
 * and `serve` of SageMaker's container contract.
 */
export abstract class ModelProject {
  /** A folder beside the CDK app. A changed folder and a deployment start a training run. */
  public static fromDirectory(path: string, options: ModelProjectOptions = {}): ModelProject {
    return new DirectoryProject(path, options);
  }

  /**
   * A zip file in a versioned bucket that sends its events to EventBridge. A new version starts a training run. If a key encrypts an
   * imported bucket, name it: `Bucket.fromBucketAttributes(…, { bucketName, encryptionKey })`.
   */
  public static fromBucket(bucket: IBucket, key: string, options: ModelProjectOptions = {}): ModelProject {
    return new BucketProject(bucket, key, options);
  }

  /** A repository at GitHub, GitLab or Bitbucket through a CodeConnections connection. A push starts a training run. */
  public static fromConnection(connectionArn: string, options: ConnectionProjectOptions): ModelProject {
    return new ConnectionProject(connectionArn, options);
  }

  /**
   * An image in ECR that was built elsewhere or is provided by AWS, named by its digest. It knows the commands `train`, `evaluate`
   * and `serve`, and is one for `linux/amd64` as `ModelImage.fromRegistry` has it. Another image and a deployment start a training run.
   */
  public static fromImage(imageUri: string): ModelProject {
    return new ImageProject(imageUri);
  }

  /**
   * The image, where there is nothing to build.
   *
   * @default - the image is built from the project
   */
  public readonly imageUri?: string;

  /** Commands that test the project before its image is built. */
  public readonly testCommands: string[];

  protected constructor(options: ModelProjectOptions, imageUri?: string) {
    this.imageUri = imageUri;
    this.testCommands = options.testCommands ?? [UNIT_TESTS];
  }

  /** Called by the training pipeline. */
  public abstract bind(scope: Construct, options: ModelProjectBindOptions): ModelProjectConfig;
}

class DirectoryProject extends ModelProject {
  constructor(private readonly path: string, options: ModelProjectOptions) {
    super(options);
  }

  public bind(scope: Construct, { output, role }: ModelProjectBindOptions): ModelProjectConfig {
    throwFaults(scope, !existsSync(this.path)
      ? [`there is no model project at '${this.path}'; give the path of a folder, absolute or from where the app runs`]
      : existsSync(join(this.path, 'Dockerfile')) ? [] : [`the model project at '${this.path}' has no Dockerfile; its image is built from one`]);
    const asset = new Asset(scope, 'Project', { path: this.path, exclude: ['**/__pycache__', '**/.DS_Store', '.git', '**/node_modules'] });
    return {
      action: assetSourceAction(scope, role, { name: 'Project', asset, output }),
      revision: asset.assetHash,
    };
  }
}

class BucketProject extends ModelProject {
  constructor(private readonly bucket: IBucket, private readonly key: string, options: ModelProjectOptions) {
    super(options);
  }

  public bind(scope: Construct, { output, role }: ModelProjectBindOptions): ModelProjectConfig {
    throwFaults(scope, this.key.endsWith('.zip') ? [] : [`the key of the model project is '${this.key}'; CodePipeline takes a zip file, so end it with '.zip'`]);
    return {
      action: s3SourceAction(role, { name: 'Project', bucket: this.bucket, key: this.key, output, namespace: 'Source' }),
      revision: '#{Source.VersionId}',
      changes: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [this.bucket.bucketName] }, object: { key: [this.key] } },
      },
    };
  }
}

class ConnectionProject extends ModelProject {
  constructor(private readonly connectionArn: string, private readonly options: ConnectionProjectOptions) {
    super(options);
  }

  public bind(_scope: Construct, { output, role }: ModelProjectBindOptions): ModelProjectConfig {
    const { owner, repository, branch } = this.options;
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      // Connections made before the service's renaming have ARNs of the old name; each is asked for under its own.
      actions: ['codeconnections:UseConnection', 'codestar-connections:UseConnection'],
      resources: [this.connectionArn],
      conditions: { StringEqualsIfExists: { 'codestar-connections:FullRepositoryId': `${owner}/${repository}` } },
    }));
    return {
      action: new PipelineAction({
        name: 'Project',
        category: codepipeline.ActionCategory.SOURCE,
        provider: 'CodeStarSourceConnection',
        configuration: { ConnectionArn: this.connectionArn, FullRepositoryId: `${owner}/${repository}`, BranchName: branch ?? 'main', DetectChanges: true },
        output,
        namespace: 'Source',
      }),
      revision: '#{Source.CommitId}',
    };
  }
}

/** There is no code to take: the source is a note of the image, so that another image starts a run. */
class ImageProject extends ModelProject {
  constructor(private readonly uri: string) {
    super({ testCommands: [] }, uri);
  }

  public bind(scope: Construct, { output, role }: ModelProjectBindOptions): ModelProjectConfig {
    const asset = jsonAsset(scope, 'Project', 'image.json', { imageUri: this.uri });
    return {
      action: assetSourceAction(scope, role, { name: 'Project', asset, output }),
      revision: this.uri,
    };
  }
}
