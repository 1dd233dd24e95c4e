import { Stack } from 'aws-cdk-lib';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { grantBucketAccess } from './bucket-access';
import { AsynchronousInvocation } from './handler-function';
import { serviceRole } from './service-role';

export interface PipelineActionProps {
  readonly name: string;
  readonly category: codepipeline.ActionCategory;
  readonly provider: string;
  readonly configuration: Record<string, unknown>;
  readonly input?: codepipeline.Artifact;
  readonly output?: codepipeline.Artifact;
  /** Under which the action's output variables are found, `#{namespace.Variable}`. */
  readonly namespace?: string;
  readonly runOrder?: number;
}

/**
 * An action with nothing but its configuration; who builds the pipeline grants the pipeline's role what it needs. The
 * CDK's own actions grant more, for example the listing of all functions of the account.
 */
export class PipelineAction extends codepipeline.Action {
  protected readonly providedActionProperties: codepipeline.ActionProperties;

  constructor(private readonly props: PipelineActionProps) {
    super();
    const inputs = props.input ? [props.input] : [];
    const outputs = props.output ? [props.output] : [];
    this.providedActionProperties = {
      actionName: props.name,
      category: props.category,
      provider: props.provider,
      artifactBounds: { minInputs: inputs.length, maxInputs: inputs.length, minOutputs: outputs.length, maxOutputs: outputs.length },
      inputs,
      outputs,
      variablesNamespace: props.namespace,
      runOrder: props.runOrder,
    };
  }

  protected bound(): codepipeline.ActionConfig {
    return { configuration: this.props.configuration };
  }
}

/** The role of a pipeline and of its actions, with access to the artifacts that pass between them. */
export function pipelineRole(scope: Construct, id: string, artifacts: IBucket): iam.Role {
  const role = serviceRole(scope, id, 'codepipeline.amazonaws.com');
  grantBucketAccess(role, artifacts, { read: [''], readVersions: [''], write: [''] });
  role.addToPolicy(new iam.PolicyStatement({
    actions: ['s3:GetBucketVersioning', 's3:GetBucketAcl', 's3:GetBucketLocation'],
    resources: [artifacts.bucketArn],
  }));
  return role;
}

const S3_SOURCE = 'S3';

/** Takes an object of S3, with its tags. */
export function s3SourceAction(
  role: iam.IRole, source: { name: string; bucket: IBucket; key: string; output: codepipeline.Artifact; namespace?: string },
): PipelineAction {
  role.addToPrincipalPolicy(new iam.PolicyStatement({
    actions: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetObjectVersionTagging'], resources: [source.bucket.arnForObjects(source.key)],
  }));
  role.addToPrincipalPolicy(new iam.PolicyStatement({
    actions: ['s3:GetBucketVersioning', 's3:GetBucketAcl', 's3:GetBucketLocation'], resources: [source.bucket.bucketArn],
  }));
  source.bucket.encryptionKey?.grant(role, 'kms:Decrypt');
  return new PipelineAction({
    name: source.name,
    category: codepipeline.ActionCategory.SOURCE,
    provider: S3_SOURCE,
    // Polling is off: what starts the pipeline is a deployment or a rule.
    configuration: { S3Bucket: source.bucket.bucketName, S3ObjectKey: source.key, PollForSourceChanges: false },
    output: source.output,
    namespace: source.namespace,
  });
}

/** Takes an asset of the app; a deployment of another one starts the pipeline. */
export function assetSourceAction(scope: Construct, role: iam.IRole, source: { name: string; asset: Asset; output: codepipeline.Artifact }): PipelineAction {
  const { bucket, s3ObjectKey: key } = source.asset;
  if (bucket.encryptionKey === undefined) {
    // Assets may be encrypted by a key given to `cdk bootstrap`, which the app does not know: any key, but through S3 and for this object only.
    // With an S3 bucket key the encryption context names the bucket.
    role.addToPrincipalPolicy(new iam.PolicyStatement({
      actions: ['kms:Decrypt'],
      resources: [Stack.of(scope).formatArn({ service: 'kms', resource: 'key', resourceName: '*' })],
      conditions: {
        StringEquals: {
          'kms:ViaService': `s3.${Stack.of(scope).region}.amazonaws.com`,
          'kms:EncryptionContext:aws:s3:arn': [bucket.arnForObjects(key), bucket.bucketArn],
        },
      },
    }));
  }
  return s3SourceAction(role, { name: source.name, bucket, key, output: source.output });
}

/** CodePipeline copies the tags of an S3 source to the artifact. */
export function allowTaggedArtifacts(role: iam.IRole, source: codepipeline.IAction, artifacts: IBucket): void {
  if (source.actionProperties.provider !== S3_SOURCE) return;
  role.addToPrincipalPolicy(new iam.PolicyStatement({ actions: ['s3:PutObjectTagging'], resources: [artifacts.arnForObjects('*')] }));
}

/**
 * How CodePipeline invokes a handler. The handler reports every failure itself; what Lambda repeats is a look that was
 * killed, or whose report AWS did not take. A look may be repeated.
 */
export const BY_PIPELINE: AsynchronousInvocation = { retryAttempts: 2 };

/** An action that runs one of our handlers. Its parameters are one string of at most 1,000 characters. */
export function handlerAction(
  role: iam.Role, action: { name: string; function: IFunction; parameters: object; input?: codepipeline.Artifact; namespace?: string; runOrder?: number },
): PipelineAction {
  role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [action.function.functionArn] }));
  return new PipelineAction({
    name: action.name,
    category: codepipeline.ActionCategory.INVOKE,
    provider: 'Lambda',
    configuration: { FunctionName: action.function.functionName, UserParameters: JSON.stringify(action.parameters) },
    input: action.input,
    namespace: action.namespace,
    runOrder: action.runOrder,
  });
}
