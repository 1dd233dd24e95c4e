import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ARTIFACT_PREFIXES } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { IModelImage } from '../model/model-image';
import { BucketAccess, grantBucketAccess } from '../private/bucket-access';
import { regionalArn } from '../private/handler-function';
import { Network, grantNetwork } from '../private/network';
import { serviceRole } from '../private/service-role';

export interface JobRolesOptions {
  readonly buckets: DataBuckets;
  readonly image: IModelImage;
  /** The loop's own part of the keys of its runs. */
  readonly loopName: string;
  readonly network?: Network;
  readonly encryptionKey?: IKey;
  /** Whether the project's `evaluate` runs. */
  readonly customMetrics: boolean;
}

/** A role for each kind of job, so that none can reach what another is for: no project ever sees the labels of the hold-out. */
export interface JobRoles {
  readonly training: iam.Role;
  readonly scoring: iam.Role;
  readonly evaluation?: iam.Role;
}

export function jobRoles(scope: Construct, options: JobRolesOptions): JobRoles {
  const own = (prefix: string) => `${prefix}${options.loopName}/`;
  const rows = own(ARTIFACT_PREFIXES.trainingRows);
  const models = own(ARTIFACT_PREFIXES.models);
  const checkpoints = own(ARTIFACT_PREFIXES.checkpoints);
  const requests = own(ARTIFACT_PREFIXES.requests);
  return {
    training: jobRole(scope, 'TrainingRole', 'TrainingJobs', options, {
      read: [rows, checkpoints], write: [models, checkpoints], listUnder: [rows, checkpoints],
    }),
    // The champion may belong to another loop that shares the bucket. Listing lets S3 say that an artifact is missing, not forbidden.
    scoring: jobRole(scope, 'ScoringRole', 'TransformJobs', options, {
      read: [requests, ARTIFACT_PREFIXES.models, ARTIFACT_PREFIXES.formerModels], write: [own(ARTIFACT_PREFIXES.answers)], list: true,
    }),
    evaluation: options.customMetrics ? jobRole(scope, 'EvaluationRole', 'ProcessingJobs', options, {
      read: [rows, models], write: [own(ARTIFACT_PREFIXES.customEvaluations)], listUnder: [rows, models],
    }) : undefined,
  };
}

/** What a container may do: read what it is given, write what it makes, log. */
function jobRole(scope: Construct, id: string, jobs: 'TrainingJobs' | 'TransformJobs' | 'ProcessingJobs', options: JobRolesOptions, access: BucketAccess): iam.Role {
  const { buckets, image, network, encryptionKey } = options;
  const role = serviceRole(scope, id, 'sagemaker.amazonaws.com', regionalArn(scope, 'sagemaker', '*'));
  grantBucketAccess(role, buckets.artifacts, access);
  image.grantPull(role);
  role.addToPolicy(new iam.PolicyStatement({
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resources: [Stack.of(scope).formatArn({ service: 'logs', resource: `log-group:/aws/sagemaker/${jobs}*` })],
  }));
  role.addToPolicy(new iam.PolicyStatement({
    actions: ['cloudwatch:PutMetricData'], resources: ['*'], conditions: { StringEquals: { 'cloudwatch:namespace': `/aws/sagemaker/${jobs}` } },
  }));
  encryptionKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
  if (network) grantNetwork(role, network);
  return role;
}
