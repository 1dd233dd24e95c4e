import { ARTIFACT_KEYS } from '../../../../lib/data/artifact-keys.contract';
import { expectThat } from '../expectations';
import type { Loop } from '../loop';
import { ended, expectSentence, runningJob, startWorkflow } from './failed-jobs';

/** A champion whose answers nobody can have is left out and named; one that was only stopped by somebody is not. */
export async function silentChampions(loop: Loop): Promise<void> {
  const run = await startWorkflow(loop);
  await loop.call('sagemaker', 'StopTransformJob', { TransformJobName: await runningJob(loop, 'Transform', '-champ') });
  await expectSentence(loop, run, /^transform job \S+-champ did not complete: Stopped/);

  const { ModelPackageName, ModelDataUrl } = await champion(loop);
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(ModelDataUrl)!;
  const { VersionId } = await loop.call('s3', 'DeleteObject', { Bucket, Key });
  const { status, name } = await ended(loop, await startWorkflow(loop));
  await loop.call('s3', 'DeleteObject', { Bucket, Key, VersionId });
  expectThat('a champion without its artifact keeps no candidate out', status === 'SUCCEEDED', `the run is ${status}`);
  const key = (await loop.account.keys(loop.names.artifactsBucket, 'runs/')).find((each) => each.endsWith(`/${ARTIFACT_KEYS.judgement(name).slice('runs/'.length)}`));
  const { reason } = await loop.account.readJson(loop.names.artifactsBucket, key!);
  expectThat('a champion that is left out is named, with the reason', reason.includes(`the champion ${ModelPackageName} was left out`) && reason.includes('ould not find model data'), reason);
  const { Models } = await loop.call('sagemaker', 'ListModels', { NameContains: '-champ' });
  expectThat('a model that was made to be asked is deleted, however that ends', Models.length === 0, `there are ${Models.length}`);
}

async function champion(loop: Loop): Promise<{ ModelPackageName: string; ModelDataUrl: string }> {
  const { EndpointConfigName } = await loop.account.endpoint();
  const { ProductionVariants: [{ ModelName }] } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
  const { Containers: [{ ModelPackageName }] } = await loop.call('sagemaker', 'DescribeModel', { ModelName });
  const { InferenceSpecification } = await loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName });
  return { ModelPackageName, ModelDataUrl: InferenceSpecification.Containers[0].ModelDataUrl };
}
