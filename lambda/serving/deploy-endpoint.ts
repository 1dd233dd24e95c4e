import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodePipelineClient, FailureType } from '@aws-sdk/client-codepipeline';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { Logger } from '@aws-lambda-powertools/logger';
import { strFromU8, unzipSync } from 'fflate';
import { DEPLOY_ENDPOINT_ENV, type DeployEndpointParameters } from '../../lib/serving/deploy-endpoint.contract';
import { DESCRIPTOR_FILE, type ReleaseDescriptor, type StageDescriptor } from '../../lib/serving/release-descriptor.contract';
import { lazyHandler } from '../adapters/lazy-handler';
import { JobFailure, pipelineJobHandler } from '../adapters/pipeline-job';
import { RollbackRecord } from '../adapters/rollback-record';
import { Deployment, type Progress } from './deployment/deployment';
import { wantedRelease } from './deployment/wanted';

/** Makes an approved package what a stage's endpoint serves, behind guardrails; in service on the wanted config, or failed with the reason. */
export const handler = lazyHandler(() => {
  const env = DEPLOY_ENDPOINT_ENV.read(process.env);
  const clients = { sagemaker: new SageMakerClient(), cloudwatch: new CloudWatchClient(), autoscaling: new ApplicationAutoScalingClient() };
  const rollbacks = new RollbackRecord(new S3Client(), env.ROLLBACK_RECORD);
  const list = (text: string | undefined) => (text === undefined ? [] : text.split(','));
  const surroundings = {
    executionRoleArn: env.EXECUTION_ROLE_ARN,
    captureBucket: env.CAPTURE_BUCKET,
    captureKeyArn: env.CAPTURE_KEY_ARN,
    volumeKeyArn: env.VOLUME_KEY_ARN,
    subnets: list(env.SUBNETS),
    securityGroups: list(env.SECURITY_GROUPS),
    networkIsolation: env.NETWORK_ISOLATION === 'true',
    stackId: env.STACK_ID,
  };

  return pipelineJobHandler<Progress>(new CodePipelineClient(), new Logger({ serviceName: 'deploy-endpoint' }), async (job) => {
    const { stage: name, packageArn } = job.parameters as DeployEndpointParameters;
    const stage = stageOf(await job.inputArtifact(), name);
    const wanted = wantedRelease(stage, packageArn, surroundings);
    return new Deployment(clients, stage, packageArn, env.MODEL_PACKAGE_GROUP, wanted, env.TOPIC_ARN, rollbacks).look(job.continuation);
  });
});

function stageOf(artifact: Uint8Array, name: string): StageDescriptor {
  const file = unzipSync(artifact)[DESCRIPTOR_FILE];
  if (file === undefined) throw new JobFailure(`the release descriptor holds no '${DESCRIPTOR_FILE}'; deploy the stack again to restore it`, FailureType.ConfigurationError);
  const { stages } = JSON.parse(strFromU8(file)) as ReleaseDescriptor;
  const stage = stages.find((candidate) => candidate.name === name);
  if (stage === undefined) {
    throw new JobFailure(`the release descriptor has no stage '${name}', only ${stages.map((each) => `'${each.name}'`).join(', ')}; deploy the stack again`, FailureType.ConfigurationError);
  }
  return stage;
}
