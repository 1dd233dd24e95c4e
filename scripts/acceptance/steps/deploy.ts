import { jobPrefixOf } from '../clean-up';
import { ended, expectSucceeded } from '../pipelines';
import { deployedOf, type Deployed, type Run, type Step } from '../run';

export const bootstrap: Step = {
  name: 'bootstrap',
  expects: 'the CDK command line bootstraps an environment of the run\'s own',
  minutes: 2,
  async run(run) {
    void run.cdk.prepare(run.settings).then(() => run.cdk.prepare({ ...run.settings, scales: true })).catch(() => undefined); // whoever deploys it is told
    await run.cdk.bootstrap(run.account);
    const stack = await run.cloud.find('cloudformation', 'DescribeStacks', { StackName: run.names.toolkit });
    run.log.expect('the toolkit\'s stack is complete', stack?.Stacks[0].StackStatus === 'CREATE_COMPLETE', String(stack?.Stacks[0].StackStatus));
  },
};

/** One deployment of an account without image, data or model. */
export const deploy: Step = {
  name: 'deploy',
  expects: 'one deployment without image, data or model; both pipelines run once and find nothing to do; no endpoint, no alarm',
  minutes: 15,
  async run(run) {
    await run.cdk.deploy(run.settings);
    run.deployed = await outputs(run);
    await run.recorder.start(run.account, run.place.connection.region);
    const { trainingPipeline, releasePipeline, endpoint } = run.deployed;
    for (const pipeline of [trainingPipeline, releasePipeline]) await expectSucceeded(run, pipeline, await ended(run, pipeline, [], 60));
    const found = await run.cloud.find('sagemaker', 'DescribeEndpoint', { EndpointName: endpoint });
    run.log.expect('no endpoint before there is a model', found === undefined, found?.EndpointStatus ?? 'none');
    const alarms = await firing(run);
    run.log.expect('no alarm is in ALARM', alarms.length === 0, alarms.join(', ') || 'none');
  },
};

export async function outputs({ cloud, names }: Run): Promise<Deployed> {
  const { Stacks: [stack] } = await cloud.call('cloudformation', 'DescribeStacks', { StackName: names.stack });
  const output = (suffix: string): string => {
    const found = stack.Outputs.find(({ OutputKey }: { OutputKey: string }) => OutputKey.endsWith(suffix));
    if (found === undefined) throw new Error(`stack ${names.stack} has no output '${suffix}'`);
    return found.OutputValue;
  };
  return {
    stackId: stack.StackId, dataBucket: output('DataBucketName'), artifactsBucket: output('ArtifactsBucketName'), endpoint: output('EndpointName'),
    packageGroup: output('ModelPackageGroupName'), trainingPipeline: output('TrainingPipelineName'), releasePipeline: output('ReleasePipelineName'),
    driftAlarm: output('DriftAlarmName'), monitor: output('MonitorName'), loop: output('LoopName'), jobPrefix: await jobPrefixOf(cloud, names.stack),
  };
}

/** Names of the run's alarms that are in ALARM. */
async function firing(run: Run): Promise<string[]> {
  const alarms = [
    ...await run.cloud.list('monitoring', 'DescribeAlarms', 'MetricAlarms', { AlarmNamePrefix: run.names.stack }),
    ...await run.cloud.list('monitoring', 'DescribeAlarms', 'MetricAlarms', { AlarmNamePrefix: deployedOf(run).endpoint }),
  ];
  return [...new Set(alarms.filter(({ StateValue }) => StateValue === 'ALARM').map(({ AlarmName }) => AlarmName as string))];
}
