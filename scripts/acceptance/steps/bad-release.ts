import { breakModel } from '../../../bin/story/chapters/broken-model';
import { CHANGED } from '../data';
import { ended, executions, failure } from '../pipelines';
import { completed, review, served, watchEndpoint } from '../registry';
import { deployedOf, type Run, type Step } from '../run';
import { describeAnswers } from '../traffic';

export const badRelease: Step = {
  name: 'bad-release',
  expects: 'a package whose model fails every request is rolled back under traffic, and the pipeline says so',
  minutes: 40,
  async run(run) {
    const { releasePipeline } = deployedOf(run);
    // From here on the traffic is another one than the model was trained for; hours pass until that counts as drift.
    run.traffic.season = CHANGED;
    const before = await served(run);
    const known = await executions(run, releasePipeline);
    run.traffic.take();
    run.seen.brokenPackage = await registerBroken(run);
    await review(run, run.seen.brokenPackage, 'Approved');
    const { status, pipelineExecutionId } = await ended(run, releasePipeline, known, 240, () => watchEndpoint(run, 'bad-release'));
    const reason = await failure(run, releasePipeline, pipelineExecutionId);
    run.log.expect('the release fails, and its reason names the rollback', status === 'Failed' && /rolled back/.test(reason), `${status}: ${reason}`);
    const after = await served(run);
    run.log.expect('the endpoint serves as before', after !== undefined && after.config === before?.config, `${after?.config ?? 'not in service'}, before ${before?.config}`);
    const answers = run.traffic.take();
    const failures = Object.values(answers.failed).reduce((sum, count) => sum + count, 0);
    run.log.expect('the broken fleet was asked, and most requests were answered by the old one', failures > 0 && failures < answers.answered, describeAnswers(answers));
    await review(run, run.seen.brokenPackage, 'Rejected');
  },
};

/** A package like the live one whose artifact loads, answers pings and fails every request. */
async function registerBroken(run: Run): Promise<string> {
  const { cloud } = run;
  const { packageGroup, artifactsBucket } = deployedOf(run);
  const live = await cloud.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: run.seen.firstPackage });
  const [container] = live.InferenceSpecification.Containers;
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(container.ModelDataUrl)!;
  const broken = 'models/by-hand/model.tar.gz';
  await cloud.upload(artifactsBucket, broken, breakModel(await cloud.read(bucket!, key!)));
  const { ModelPackageArn } = await cloud.call('sagemaker', 'CreateModelPackage', {
    ModelPackageGroupName: packageGroup, ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: { ...live.InferenceSpecification, Containers: [{ Image: container.Image, ModelDataUrl: `s3://${artifactsBucket}/${broken}` }] },
    ModelMetrics: live.ModelMetrics, DriftCheckBaselines: live.DriftCheckBaselines, CustomerMetadataProperties: live.CustomerMetadataProperties,
  });
  await completed(run, ModelPackageArn);
  return ModelPackageArn as string;
}
