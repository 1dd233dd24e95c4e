import * as path from 'node:path';
import { OCEAN } from '../../test/loop/support/airline';
import { HOUR, type Loop } from '../../test/loop/support/loop';
import { AwsError, type CallRequest } from '../../twin';
import type { SageMakerService } from '../../twin/services/sagemaker';
import { synthesizeFullLoop } from './app';
import type { Mishaps } from './mishaps';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

export interface Scene {
  readonly loop: Loop;
  readonly mishaps: Mishaps;
  /** A folder for assemblies. */
  readonly scratch: string;
}

/** The loop's ways, those included that are only taken when something goes wrong; in this order. */
export const CHAPTERS: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'an empty account': async ({ loop }) => {
    const { trainingPipeline, releasePipeline } = loop.names;
    for (const pipeline of [trainingPipeline, releasePipeline]) await loop.expectSucceeded(pipeline, await loop.ended(pipeline, 0, 120));
  },

  'assets that somebody tags': async ({ loop }) => {
    const { trainingPipeline, releasePipeline } = loop.names;
    const Bucket = `cdk-hnb659fds-assets-${loop.twin.account}-${loop.twin.region}`;
    for (const Key of await loop.account.keys(Bucket, '')) await loop.call('s3', 'PutObjectTagging', { Bucket, Key, Tagging: { TagSet: [{ Key: 'scanned', Value: 'yes' }] } });
    const since = loop.now;
    for (const name of [trainingPipeline, releasePipeline]) await loop.call('codepipeline', 'StartPipelineExecution', { name });
    for (const name of [trainingPipeline, releasePipeline]) await loop.expectSucceeded(name, await loop.ended(name, since, 120));
  },

  'jobs and a build that somebody stops': async ({ loop }) => {
    await loop.handInDays(7);
    for (const state of ['Train', 'ScoreCandidate', 'EvaluateCandidate']) await stopWorkflowAt(loop, state);
    await stopBuild(loop);
  },

  'a first model, for which there are no instances at first': async ({ loop }) => {
    const { conditions } = loop.twin.service<SageMakerService>('sagemaker');
    const { releasePipeline } = loop.names;
    const since = loop.now;
    const capacityIsBack = conditions.shortage('ml.m5.large');
    await loop.markComplete();
    await loop.ended(releasePipeline, since, 600);
    capacityIsBack();
    // Staging is made anew, and then production finds the same.
    const production = conditions.shortage('ml.m5.xlarge');
    await release(loop);
    production();
    await loop.expectSucceeded(releasePipeline, await release(loop));
  },

  'traffic, drift, retraining, release': async ({ loop, mishaps }) => {
    for (let hours = 0; hours < 3; hours++) await loop.serveHour();
    await captureGarbage(loop);
    // A scan that breaks off leaves its plan to the next one.
    await mishaps.during('server-error', by('MonitorScanRole', 's3'), () => loop.serveHour());
    loop.season = OCEAN;
    const since = loop.now;
    const { releasePipeline } = loop.names;
    await loop.serveUntil('a retrained model is released', async () => (await loop.account.executions(releasePipeline))
      .some(({ status, startTime }) => startTime.getTime() > since && status === 'Succeeded'), 72);
    // The scan after it counts the whole window again, in several shards.
    for (let hours = 0; hours < 2; hours++) await loop.serveHour();
  },

  'labels, those included that are none': async ({ loop }) => {
    await loop.serveHour();
    await labelCaptured(loop);
    for (let hours = 0; hours < 2; hours++) await loop.serveHour();
  },

  'packages are rejected, the live one and one before it': async ({ loop }) => {
    const { packageGroup: ModelPackageGroupName, releasePipeline } = loop.names;
    const { ModelPackageSummaryList: packages } = await loop.call('sagemaker', 'ListModelPackages', { ModelPackageGroupName, ModelApprovalStatus: 'Approved' });
    const live = await livePackage(loop);
    const other = packages.map(({ ModelPackageArn }: any) => ModelPackageArn).find((arn: string) => arn !== live);
    await judge(loop, other, 'Rejected');
    await loop.advance(10);
    await judge(loop, other, 'Approved');
    await loop.ended(releasePipeline, loop.now, 300);
    const since = loop.now;
    await judge(loop, await livePackage(loop), 'Rejected');
    await loop.expectSucceeded(releasePipeline, await loop.ended(releasePipeline, since, 240));
  },

  'a package that is rolled back from each stage, and approved again each time': async ({ loop }) => {
    const { packageGroup: ModelPackageGroupName, releasePipeline, endpoint } = loop.names;
    const { ModelPackageSummaryList: packages } = await loop.call('sagemaker', 'ListModelPackages', { ModelPackageGroupName });
    const live = await livePackage(loop);
    const other = packages.map(({ ModelPackageArn }: any) => ModelPackageArn).find((arn: string) => arn !== live);
    const { Endpoints } = await loop.call('sagemaker', 'ListEndpoints');
    const { conditions } = loop.twin.service<SageMakerService>('sagemaker');
    const approve = async (description: string) => {
      const since = loop.now;
      await loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: other, ModelApprovalStatus: 'Approved', ApprovalDescription: description });
      return loop.ended(releasePipeline, since, 300);
    };
    const staging = Endpoints.map(({ EndpointName }: any) => EndpointName).find((name: string) => name !== endpoint);
    for (const name of [staging, endpoint]) {
      conditions.rollBackSilently(name);
      await approve(`until ${name} rolls it back`);
    }
    await loop.expectSucceeded(releasePipeline, await approve('once more'));
    await loop.expectSucceeded(releasePipeline, await release(loop));
  },

  'releases that fail at each of their actions': async ({ loop, mishaps }) => {
    for (const role of ['ReleasePipelineSelectRole', 'StagingEndpointDeployRole', 'StagingEndpointProbeRole', '-LoopEndpointDeployRole', '-LoopEndpointProbeRole']) {
      await mishaps.during(new AwsError('ValidationException', 'a trial'), by(role, 'sagemaker'), () => release(loop));
    }
  },

  'another instance type, and much to tidy up': async ({ loop, scratch }) => {
    await leftovers(loop);
    const since = loop.now;
    const changed = path.join(scratch, 'changed');
    synthesizeFullLoop(changed, 'ml.m5.2xlarge');
    await loop.twin.update(changed);
    await loop.expectSucceeded(loop.names.releasePipeline, await loop.ended(loop.names.releasePipeline, since, 300));
  },

  'an endpoint that somebody deletes, which the reconciliation brings back': async ({ loop }) => {
    const since = loop.now;
    await loop.call('sagemaker', 'DeleteEndpoint', { EndpointName: loop.names.endpoint });
    await loop.expectSucceeded(loop.names.releasePipeline, await loop.ended(loop.names.releasePipeline, since, 300));
  },

  'what no handler understands': async ({ loop, mishaps }) => {
    const functions: string[] = (await loop.call('lambda', 'ListFunctions')).Functions.map(({ FunctionName }: any) => FunctionName);
    const invoke = (FunctionName: string, InvocationType: string, event: unknown) =>
      loop.call('lambda', 'Invoke', { FunctionName, InvocationType, Payload: Buffer.from(JSON.stringify(event)) });
    await mishaps.during(new AwsError('ValidationException', 'a trial'), by('RetrainingStartRole', 's3', 'monitoring'), async () => {
      for (const name of functions) await invoke(name, 'Event', 'no event');
      await loop.advance(15);
    });
    // A run whose evaluation left no predictions: an honest answer that there are none takes the right to list.
    const statistics = (await loop.account.keys(loop.names.artifactsBucket, 'runs/')).find((key) => /\/profile\/statistics\.json$/.test(key))!;
    await invoke(functions.find((name) => /TrainingRegisterCandidate/.test(name))!, 'RequestResponse', {
      run: 'nothing-was-evaluated', statisticsUri: `s3://${loop.names.artifactsBucket}/${statistics}`,
    });
  },

  'events that cannot be delivered': async ({ loop, mishaps }) => {
    const toTargets = ({ caller, service }: CallRequest) => (caller.kind === 'service' && caller.service === 'events.amazonaws.com' && !['sqs', 'sts'].includes(service))
      || (caller.kind === 'role' && caller.sessionName === 'events');
    await mishaps.during(new AwsError('ResourceNotFoundException', 'gone', 404), toTargets, () => everyRule(loop));
  },

  'the end, while a job, a scan, both pipelines and jobs that no workflow waits for run': async ({ loop, mishaps }) => {
    await workflowAt(loop, 'Train');
    const { trainingPipeline: pipelineName, releasePipeline } = loop.names;
    await loop.call('codepipeline', 'StartPipelineExecution', { name: releasePipeline });
    const { pipelineExecutionId } = await loop.call('codepipeline', 'StartPipelineExecution', { name: pipelineName });
    // A build is left to itself, and refused what its role could do until that was deleted.
    await loop.until('the image is built', async () => (await loop.call('codepipeline', 'ListActionExecutions', { pipelineName, filter: { pipelineExecutionId } })).actionExecutionDetails
      .some(({ stageName, status }: any) => stageName === 'Build' && status === 'Succeeded'), 30);
    await jobsOfNobody(loop);
    const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'LoopMonitor');
    await mishaps.during(new AwsError('TooManyRequestsException', 'Rate exceeded', 429), by('MonitorWorkflowRole', 'lambda'), async () => {
      await loop.call('states', 'StartExecution', { stateMachineArn, input: JSON.stringify({ scheduledAt: new Date(loop.now).toISOString() }) });
      await loop.twin.destroy();
    });
  },
};

/** Captured files that are no such files, and requests that no model can answer. */
async function captureGarbage(loop: Loop): Promise<void> {
  const EndpointName = loop.names.endpoint;
  const Bucket = await loop.resource('AWS::S3::Bucket', 'Captured');
  const folder = `capture/${EndpointName}/main/${new Date(loop.now).toISOString().slice(0, 13).replace(/[-T]/g, '/')}`;
  for (const [name, body] of Object.entries({ broken: '{"captureData": {"endpointInput": {"data": "12,3,450,BOS,', foreign: '{"origin": "BOS"}\n', row: '12,3,450,BOS,DCA\n' })) {
    await loop.account.upload(Bucket, `${folder}/${name}.jsonl`, body);
  }
  for (const Body of ['BOS', '12,3,far,BOS,DCA', '{"origin": "BOS"}']) {
    await loop.call('sagemaker', 'InvokeEndpoint', { EndpointName, ContentType: 'text/csv', Body: Buffer.from(Body) }).catch(() => undefined);
  }
}

/** Labels for what was captured in the last hour, and lines that are no labels. */
async function labelCaptured(loop: Loop): Promise<void> {
  const { account, names: { endpoint }, now } = loop;
  const Bucket = await loop.resource('AWS::S3::Bucket', 'Captured');
  const folder = (time: number) => `${endpoint}/${time < now ? 'main/' : ''}${new Date(time).toISOString().slice(0, 13).replace(/[-T]/g, '/')}/`;
  const lines = ['12,3,450,BOS,DCA', '{"origin": "BOS"}'];
  for (const Key of await account.keys(Bucket, `capture/${folder(now - HOUR)}`)) {
    const { Body } = await loop.call('s3', 'GetObject', { Bucket, Key });
    for (const line of Buffer.from(Body).toString('utf8').trim().split('\n')) {
      const { eventId } = (JSON.parse(line) as any).eventMetadata;
      lines.push(JSON.stringify({ groundTruthData: { data: '1', encoding: 'CSV' }, eventMetadata: { eventId }, eventVersion: '0' }));
    }
  }
  await account.upload(Bucket, `ground-truth/${folder(now)}labels.jsonl`, lines.join('\n'));
}

/** Calls to these services by a role whose name holds a text. */
function by(role: string, ...services: string[]): (call: CallRequest) => boolean {
  return ({ caller, service }) => caller.kind === 'role' && caller.roleArn.includes(role) && services.includes(service);
}

async function release(loop: Loop) {
  const since = loop.now;
  await loop.call('codepipeline', 'StartPipelineExecution', { name: loop.names.releasePipeline });
  return loop.ended(loop.names.releasePipeline, since, 300);
}

async function judge(loop: Loop, ModelPackageArn: string, ModelApprovalStatus: string): Promise<void> {
  await loop.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn, ModelApprovalStatus, ApprovalDescription: 'a trial' });
}

async function liveModel(loop: Loop): Promise<any> {
  const { EndpointConfigName } = await loop.account.endpoint();
  const { ProductionVariants: [{ ModelName }] } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
  return loop.call('sagemaker', 'DescribeModel', { ModelName });
}

async function livePackage(loop: Loop): Promise<string> {
  const { Containers, PrimaryContainer = Containers[0] } = await liveModel(loop);
  return PrimaryContainer.ModelPackageName;
}

async function stopWorkflowAt(loop: Loop, state: string): Promise<void> {
  const since = loop.now;
  const executionArn = await workflowAt(loop, state);
  await loop.call('states', 'StopExecution', { executionArn, cause: 'a trial' });
  await loop.ended(loop.names.trainingPipeline, since, 60);
}

/** A training run that has come to a state. */
async function workflowAt(loop: Loop, state: string): Promise<string> {
  const stateMachineArn = await loop.resource('AWS::StepFunctions::StateMachine', 'LoopTraining');
  await loop.markComplete();
  let executionArn = '';
  await loop.until(`the training workflow is at ${state}`, async () => {
    const { executions } = await loop.call('states', 'ListExecutions', { stateMachineArn, statusFilter: 'RUNNING' });
    if (executions.length === 0) return false;
    executionArn = executions[0].executionArn;
    const { events } = await loop.call('states', 'GetExecutionHistory', { executionArn, reverseOrder: true, maxResults: 10 });
    return events.some(({ stateEnteredEventDetails }: any) => stateEnteredEventDetails?.name === state);
  }, 120);
  return executionArn;
}

/** Jobs of the loop's names whose workflow could not stop them. */
async function jobsOfNobody(loop: Loop): Promise<void> {
  // The endpoints are retired before the loop, which takes longer than jobs usually run.
  Object.assign(loop.twin.service<SageMakerService>('sagemaker').jobs.conditions, { trainingSeconds: 1200, processingSeconds: 1200, transformSeconds: 1200 });
  const { TrainingJobSummaries: [training] } = await loop.call('sagemaker', 'ListTrainingJobs', { StatusEquals: 'Completed' });
  const { AlgorithmSpecification, RoleArn, InputDataConfig, OutputDataConfig, ResourceConfig, CheckpointConfig, EnableNetworkIsolation, Environment } = await loop.call('sagemaker', 'DescribeTrainingJob', { TrainingJobName: training.TrainingJobName });
  await loop.call('sagemaker', 'CreateTrainingJob', {
    TrainingJobName: `${training.TrainingJobName}-again`, AlgorithmSpecification: { TrainingImage: AlgorithmSpecification.TrainingImage, TrainingInputMode: 'File' },
    // As an instance does that takes the place of one that was taken away, it goes on from what that one has left.
    RoleArn, InputDataConfig, OutputDataConfig, ResourceConfig, CheckpointConfig, EnableNetworkIsolation, Environment, StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  });
  const { ProcessingJobSummaries: [processing] } = await loop.call('sagemaker', 'ListProcessingJobs', { StatusEquals: 'Completed' });
  const described = await loop.call('sagemaker', 'DescribeProcessingJob', { ProcessingJobName: processing.ProcessingJobName });
  const { ProcessingInputs, ProcessingOutputConfig, ProcessingResources, AppSpecification, NetworkConfig } = described;
  await loop.call('sagemaker', 'CreateProcessingJob', {
    ProcessingJobName: `${processing.ProcessingJobName}-again`, ProcessingInputs, ProcessingOutputConfig, ProcessingResources, AppSpecification, NetworkConfig,
    RoleArn: described.RoleArn, Environment: described.Environment,
  });
  const { TransformJobSummaries: [{ TransformJobName }] } = await loop.call('sagemaker', 'ListTransformJobs', { StatusEquals: 'Completed' });
  const transform = await loop.call('sagemaker', 'DescribeTransformJob', { TransformJobName });
  const ModelName = `${TransformJobName}-again`;
  const { InferenceSpecification: { Containers: [{ Image, ModelDataUrl }] } } = await loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: await livePackage(loop) });
  const ExecutionRoleArn = (await loop.call('cloudformation', 'ListStackResources', { StackName: loop.stackName })).StackResourceSummaries
    .filter(({ LogicalResourceId }: any) => LogicalResourceId.includes('TrainingScoringRole')).map(({ PhysicalResourceId }: any) => `arn:aws:iam::${loop.twin.account}:role/${PhysicalResourceId}`)[0];
  await loop.call('sagemaker', 'CreateModel', { ModelName, ExecutionRoleArn, PrimaryContainer: { Image, ModelDataUrl }, EnableNetworkIsolation: true });
  const { TransformInput, TransformOutput, TransformResources } = transform;
  await loop.call('sagemaker', 'CreateTransformJob', { TransformJobName: ModelName, ModelName, TransformInput, TransformOutput, TransformResources });
}

async function stopBuild(loop: Loop): Promise<void> {
  const name = loop.names.trainingPipeline;
  await loop.markComplete();
  const building = async () => (await loop.call('codepipeline', 'GetPipelineState', { name })).stageStates
    .find(({ stageName }: any) => stageName === 'Build')?.latestExecution?.status === 'InProgress';
  await loop.until('a build runs', building, 30);
  const [{ pipelineExecutionId }] = await loop.account.executions(name) as [any];
  await loop.call('codepipeline', 'StopPipelineExecution', { pipelineName: name, pipelineExecutionId, abandon: true });
  await loop.advance(15);
}

/** Models and configs of both endpoints, as many releases leave them. */
async function leftovers(loop: Loop): Promise<void> {
  const model = await liveModel(loop);
  const { Endpoints } = await loop.call('sagemaker', 'ListEndpoints');
  for (const { EndpointName } of Endpoints) {
    const { EndpointConfigName: served } = await loop.call('sagemaker', 'DescribeEndpoint', { EndpointName });
    const { ProductionVariants: [variant] } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: served });
    for (let count = 0; count < 5; count++) {
      const name = `${EndpointName}-${String(count).repeat(10)}`;
      await loop.call('sagemaker', 'CreateModel', { ModelName: name, ExecutionRoleArn: model.ExecutionRoleArn, Containers: [{ ModelPackageName: await livePackage(loop) }] });
      await loop.call('sagemaker', 'CreateEndpointConfig', { EndpointConfigName: name, ProductionVariants: [{ ...variant, ModelName: name }] });
      await loop.twin.advance({ seconds: 1 });
    }
  }
}

/** Makes each rule send something. */
async function everyRule(loop: Loop): Promise<void> {
  const { trainingPipeline, releasePipeline, packageGroup } = loop.names;
  await loop.markComplete();
  for (const { AlarmName } of await loop.account.alarms()) {
    for (const StateValue of ['ALARM', 'OK']) await loop.call('monitoring', 'SetAlarmState', { AlarmName, StateValue, StateReason: 'a trial' });
  }
  const { ModelPackageSummaryList: [{ ModelPackageArn }] } = await loop.call('sagemaker', 'ListModelPackages', { ModelPackageGroupName: packageGroup });
  for (const status of ['PendingManualApproval', 'Rejected']) await judge(loop, ModelPackageArn, status);
  await loop.call('codepipeline', 'StartPipelineExecution', { name: releasePipeline, variables: [{ name: 'PackageArn', value: 'no package' }] });
  await loop.call('codepipeline', 'StartPipelineExecution', { name: trainingPipeline, variables: [{ name: 'TrainingWindow', value: 'no duration' }] });
  await loop.twin.clock.advanceTo(Math.floor(loop.now / HOUR) * HOUR + 3 * HOUR);
}
