import { createHash } from 'node:crypto';
import { deployedOf, type Run } from '../run';
import type { Answer, Question } from './question';
import { settled } from './releases';
import { completedTrainingJob } from './training';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** The image of the model that serves. */
export interface ServedImage {
  readonly repositoryName: string;
  readonly uri: string;
  readonly digest: string;
  readonly modelDataUrl: string;
  readonly roleArn: string;
}

export const imageManifests: Question = {
  name: 'image-manifests',
  changes: 'endpoint',
  async ask(run) {
    const image = await servedImage(run);
    const oci = await asOci(run, image);
    const index = await asIndex(run, image, oci);
    const said = {
      'CreateModel with an OCI image manifest': await tryModel(run, image, 'oci', oci.digest),
      'CreateModel with an OCI index': await tryModel(run, image, 'index', index.digest),
      'a training job with an OCI image manifest': await tryTraining(run, image, oci.digest),
    };
    return {
      answer: Object.entries(said).map(([what, reason]) => `${what} is ${reason === undefined ? 'accepted' : 'refused'}`).join('; '),
      evidence: Object.values(said).filter((reason) => reason !== undefined).join('; ') || 'none of the calls failed',
    };
  },
};

/** The right to pull goes while the endpoint serves; then it needs one more instance. */
export const pullOnNewInstances: Question = {
  name: 'pull-on-new-instances',
  changes: 'endpoint',
  async ask(run): Promise<Answer> {
    const { cloud } = run;
    const EndpointName = deployedOf(run).endpoint;
    const { repositoryName, roleArn } = await servedImage(run);
    const { ProductionVariants: [{ CurrentInstanceCount }] } = await cloud.call('sagemaker', 'DescribeEndpoint', { EndpointName });
    const Statement = [{ Sid: 'Question', Effect: 'Deny', Principal: { AWS: roleArn }, Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'] }];
    await cloud.call('ecr', 'SetRepositoryPolicy', { repositoryName, policyText: JSON.stringify({ Version: '2012-10-17', Statement }) });
    try {
      await cloud.call('sagemaker', 'UpdateEndpointWeightsAndCapacities', { EndpointName, DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount: CurrentInstanceCount + 1 }] });
      const after = await settled(run, EndpointName);
      const grew = after.ProductionVariants[0].CurrentInstanceCount > CurrentInstanceCount;
      return {
        answer: grew ? 'a new instance starts without the right to pull' : 'a new instance pulls anew, and needs the right',
        evidence: `${CurrentInstanceCount} to ${after.ProductionVariants[0].CurrentInstanceCount} instances, ${after.EndpointStatus}: ${after.FailureReason ?? 'no reason'}`,
      };
    } finally {
      await cloud.call('ecr', 'DeleteRepositoryPolicy', { repositoryName });
    }
  },
};

export async function servedImage(run: Run): Promise<ServedImage> {
  const { cloud } = run;
  const { InferenceSpecification: { Containers: [{ Image, ModelDataUrl }] } } = await cloud.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: run.seen.retrainedPackage });
  const [uri, digest] = String(Image).split('@') as [string, string];
  const { EndpointConfigName } = await cloud.call('sagemaker', 'DescribeEndpoint', { EndpointName: deployedOf(run).endpoint });
  const { ProductionVariants } = await cloud.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
  const { ExecutionRoleArn } = await cloud.call('sagemaker', 'DescribeModel', { ModelName: ProductionVariants[0].ModelName });
  return { repositoryName: uri.slice(uri.indexOf('/') + 1), uri, digest, modelDataUrl: ModelDataUrl, roleArn: ExecutionRoleArn };
}

/** The same config and layers under OCI's media types. */
async function asOci(run: Run, { repositoryName, digest }: ServedImage): Promise<{ digest: string; size: number }> {
  const { images: [found] } = await run.cloud.call('ecr', 'BatchGetImage', { repositoryName, imageIds: [{ imageDigest: digest }], acceptedMediaTypes: [DOCKER_MANIFEST] });
  const { config, layers } = JSON.parse(found.imageManifest);
  const manifest = JSON.stringify({
    schemaVersion: 2, mediaType: OCI_MANIFEST, config: { ...config, mediaType: 'application/vnd.oci.image.config.v1+json' },
    layers: layers.map((layer: any) => ({ ...layer, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' })),
  });
  return put(run, repositoryName, 'oci', OCI_MANIFEST, manifest);
}

function asIndex(run: Run, { repositoryName }: ServedImage, oci: { digest: string; size: number }): Promise<{ digest: string; size: number }> {
  const manifests = [{ mediaType: OCI_MANIFEST, digest: oci.digest, size: oci.size, platform: { architecture: 'amd64', os: 'linux' } }];
  return put(run, repositoryName, 'index', OCI_INDEX, JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
}

async function put({ cloud, names }: Run, repositoryName: string, tag: string, imageManifestMediaType: string, imageManifest: string): Promise<{ digest: string; size: number }> {
  await cloud.call('ecr', 'PutImage', { repositoryName, imageTag: `${names.probe}-${tag}`, imageManifestMediaType, imageManifest });
  return { digest: `sha256:${createHash('sha256').update(imageManifest).digest('hex')}`, size: Buffer.byteLength(imageManifest) };
}

/** Why the call was refused; undefined if it was not. */
async function tryModel({ cloud, names }: Run, { uri, modelDataUrl, roleArn }: ServedImage, kind: string, digest: string): Promise<string | undefined> {
  const ModelName = `${names.probe}-${kind}`;
  try {
    await cloud.call('sagemaker', 'CreateModel', { ModelName, ExecutionRoleArn: roleArn, PrimaryContainer: { Image: `${uri}@${digest}`, ModelDataUrl: modelDataUrl }, Tags: names.tags });
    await cloud.call('sagemaker', 'DeleteModel', { ModelName });
    return undefined;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** Like the last job of the loop, with the other image; it is stopped as soon as it trains. */
async function tryTraining(run: Run, { uri }: ServedImage, digest: string): Promise<string | undefined> {
  const { cloud, names, tempo } = run;
  const like = await completedTrainingJob(run);
  const TrainingJobName = `${names.probe}-oci`;
  const { RoleArn, InputDataConfig, OutputDataConfig, ResourceConfig, EnableNetworkIsolation, Environment, HyperParameters } = like;
  try {
    await cloud.call('sagemaker', 'CreateTrainingJob', {
      TrainingJobName, RoleArn, InputDataConfig, OutputDataConfig, ResourceConfig, EnableNetworkIsolation, Environment, HyperParameters,
      AlgorithmSpecification: { TrainingImage: `${uri}@${digest}`, TrainingInputMode: 'File' }, StoppingCondition: { MaxRuntimeInSeconds: 600 }, Tags: names.tags,
    });
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  const job = await tempo.until('a training job with an OCI image', async () => {
    const found = await cloud.call('sagemaker', 'DescribeTrainingJob', { TrainingJobName });
    return (found.TrainingJobStatus !== 'InProgress' || found.SecondaryStatus === 'Training') && found;
  }, { minutes: 30, everySeconds: 10 });
  if (job.TrainingJobStatus === 'InProgress') await cloud.call('sagemaker', 'StopTrainingJob', { TrainingJobName });
  return job.TrainingJobStatus === 'Failed' ? `training failed: ${job.FailureReason}` : undefined;
}
