import { expectThat } from '../support/expectations';
import { type Loop } from '../support/loop';

/** How a run of a pipeline ended, and what its owner gets to read. */
export interface Outcome {
  readonly status: string;
  /** The messages of the failed actions. */
  readonly reason: string;
  readonly mails: string[];
}

/** What people do that starts a run, and how that run ends; both pipelines are quiet then. */
export async function after(loop: Loop, pipeline: string, doing: () => Promise<void>): Promise<Outcome> {
  const since = loop.now;
  await doing();
  await loop.twin.advance({ seconds: 20 });
  await quiet(loop);
  const runs = (await loop.account.executions(pipeline)).filter(({ startTime }) => startTime.getTime() >= since);
  expectThat(`a run of ${pipeline} starts`, runs.length > 0, 'none has started');
  const failed = runs.find(({ status }) => status === 'Failed');
  return {
    status: (failed ?? runs[0]!).status,
    reason: failed === undefined ? '' : await loop.account.failure(pipeline, failed.pipelineExecutionId),
    mails: loop.mails(since).map(({ text }) => text),
  };
}

export function trained(loop: Loop): Promise<Outcome> {
  return after(loop, loop.names.trainingPipeline, () => loop.markComplete());
}

export async function quiet(loop: Loop): Promise<void> {
  const { trainingPipeline, releasePipeline } = loop.names;
  await loop.until('both pipelines are quiet', async () => {
    const runs = [...await loop.account.executions(trainingPipeline), ...await loop.account.executions(releasePipeline)];
    return runs.every(({ status }) => status !== 'InProgress');
  }, 24 * 60);
}

/** What a run that failed must leave as it was. */
export async function standing(loop: Loop): Promise<unknown> {
  const { names } = loop;
  const { ModelPackageSummaryList: packages } = await loop.call('sagemaker', 'ListModelPackages', { ModelPackageGroupName: names.packageGroup });
  const { Models: models } = await loop.call('sagemaker', 'ListModels');
  const { EndpointConfigs: configs } = await loop.call('sagemaker', 'ListEndpointConfigs');
  const endpoint = await loop.account.endpoint();
  return {
    packages: packages.map(({ ModelPackageArn, ModelPackageStatus }: Record<string, string>) => [ModelPackageArn, ModelPackageStatus]),
    models: models.map(({ ModelName }: Record<string, string>) => ModelName).sort(),
    configs: configs.map(({ EndpointConfigName }: Record<string, string>) => EndpointConfigName).sort(),
    alarms: (await loop.account.alarms()).map(({ AlarmName }) => AlarmName).sort(),
    endpoint: endpoint && [endpoint.EndpointConfigName, endpoint.EndpointStatus],
    retrainings: loop.calls('StartPipelineExecution').filter(({ caller }) => caller.kind === 'role' && caller.roleArn.includes('Retraining')).length,
  };
}

/** The package behind the endpoint, in service. */
export async function served(loop: Loop): Promise<string> {
  const { EndpointConfigName, EndpointStatus } = await loop.account.endpoint();
  const { ProductionVariants } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
  const { Containers } = await loop.call('sagemaker', 'DescribeModel', { ModelName: ProductionVariants[0].ModelName });
  expectThat('the endpoint is in service', EndpointStatus === 'InService', `it is ${EndpointStatus}`);
  return Containers[0].ModelPackageName;
}
