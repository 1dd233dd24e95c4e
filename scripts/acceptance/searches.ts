import type { Cloud } from './cloud';

/** Something that bears a run's name. */
export interface Leftover {
  readonly what: string;
  remove(): Promise<void>;
}

export interface Search {
  /** Of what, in the singular. */
  readonly kind: string;
  find(prefix: string): Promise<Leftover[]>;
}

const DELETED = ['DELETE_COMPLETE'];

/** A search for each service that the loop uses, in the order in which things can be removed. */
export function searches(cloud: Cloud): Search[] {
  const call = async (service: string, operation: string, input: Record<string, unknown>) => { await cloud.call(service, operation, input); };
  /** Lists, keeps what begins with the prefix, and removes by name. */
  const named = (kind: string, list: [service: string, operation: string, member: string, input?: (prefix: string) => Record<string, unknown>], nameOf: (item: any) => string, // eslint-disable-line @typescript-eslint/no-explicit-any
    remove: (name: string) => Promise<void>): Search => ({
    kind,
    async find(prefix) {
      const [service, operation, member, input = () => ({})] = list;
      const items = await cloud.list(service, operation, member, input(prefix));
      return items.map(nameOf).filter((name) => name.startsWith(prefix)).map((name) => ({ what: `${kind} ${name}`, remove: () => remove(name) }));
    },
  });
  const bySearch = (prefix: string) => ({ NameContains: prefix });
  return [
    named('stack', ['cloudformation', 'ListStacks', 'StackSummaries'], ({ StackName, StackStatus }) => (DELETED.includes(StackStatus) ? '' : StackName),
      (StackName) => call('cloudformation', 'DeleteStack', { StackName })),
    named('scalable target', ['application-autoscaling', 'DescribeScalableTargets', 'ScalableTargets', () => ({ ServiceNamespace: 'sagemaker' })], ({ ResourceId }) => ResourceId.replace(/^endpoint\//, ''),
      (name) => call('application-autoscaling', 'DeregisterScalableTarget', { ServiceNamespace: 'sagemaker', ResourceId: `endpoint/${name}`, ScalableDimension: 'sagemaker:variant:DesiredInstanceCount' })),
    named('endpoint', ['sagemaker', 'ListEndpoints', 'Endpoints', bySearch], ({ EndpointName }) => EndpointName, (EndpointName) => call('sagemaker', 'DeleteEndpoint', { EndpointName })),
    named('endpoint config', ['sagemaker', 'ListEndpointConfigs', 'EndpointConfigs', bySearch], ({ EndpointConfigName }) => EndpointConfigName,
      (EndpointConfigName) => call('sagemaker', 'DeleteEndpointConfig', { EndpointConfigName })),
    named('model', ['sagemaker', 'ListModels', 'Models', bySearch], ({ ModelName }) => ModelName, (ModelName) => call('sagemaker', 'DeleteModel', { ModelName })),
    named('model package group', ['sagemaker', 'ListModelPackageGroups', 'ModelPackageGroupSummaryList', bySearch], ({ ModelPackageGroupName }) => ModelPackageGroupName,
      (name) => deletePackageGroup(cloud, name)),
    named('alarm', ['monitoring', 'DescribeAlarms', 'MetricAlarms', (AlarmNamePrefix) => ({ AlarmNamePrefix })], ({ AlarmName }) => AlarmName,
      (name) => call('monitoring', 'DeleteAlarms', { AlarmNames: [name] })),
    named('dashboard', ['monitoring', 'ListDashboards', 'DashboardEntries', (DashboardNamePrefix) => ({ DashboardNamePrefix })], ({ DashboardName }) => DashboardName,
      (name) => call('monitoring', 'DeleteDashboards', { DashboardNames: [name] })),
    named('rule', ['events', 'ListRules', 'Rules', (NamePrefix) => ({ NamePrefix })], ({ Name }) => Name, (name) => deleteRule(cloud, name)),
    named('pipeline', ['codepipeline', 'ListPipelines', 'pipelines'], ({ name }) => name, (name) => call('codepipeline', 'DeletePipeline', { name })),
    named('state machine', ['states', 'ListStateMachines', 'stateMachines'], ({ name }) => name, (name) => deleteStateMachine(cloud, name)),
    named('function', ['lambda', 'ListFunctions', 'Functions'], ({ FunctionName }) => FunctionName, (FunctionName) => call('lambda', 'DeleteFunction', { FunctionName })),
    named('build project', ['codebuild', 'ListProjects', 'projects'], (name) => name, (name) => call('codebuild', 'DeleteProject', { name })),
    named('repository', ['ecr', 'DescribeRepositories', 'repositories'], ({ repositoryName }) => repositoryName, (repositoryName) => call('ecr', 'DeleteRepository', { repositoryName, force: true })),
    named('queue', ['sqs', 'ListQueues', 'QueueUrls', (QueueNamePrefix) => ({ QueueNamePrefix })], (url: string) => url.slice(url.lastIndexOf('/') + 1),
      async (QueueName) => call('sqs', 'DeleteQueue', await cloud.call('sqs', 'GetQueueUrl', { QueueName }))),
    named('bucket', ['s3', 'ListBuckets', 'Buckets'], ({ Name }) => Name, (name) => emptyBucket(cloud, name)),
    { kind: 'log group', find: (prefix) => logGroups(cloud, prefix) },
  ];
}

/** Removes every version of every object, and the bucket. */
export async function emptyBucket(cloud: Cloud, Bucket: string): Promise<void> {
  const input = { Bucket };
  const versions = [...await cloud.list('s3', 'ListObjectVersions', 'Versions', input), ...await cloud.list('s3', 'ListObjectVersions', 'DeleteMarkers', input)];
  for (let at = 0; at < versions.length; at += 1_000) {
    const Objects = versions.slice(at, at + 1_000).map(({ Key, VersionId }) => ({ Key, VersionId }));
    await cloud.call('s3', 'DeleteObjects', { Bucket, Delete: { Objects, Quiet: true } });
  }
  await cloud.call('s3', 'DeleteBucket', input);
}

async function deletePackageGroup(cloud: Cloud, ModelPackageGroupName: string): Promise<void> {
  for (const { ModelPackageArn } of await cloud.list('sagemaker', 'ListModelPackages', 'ModelPackageSummaryList', { ModelPackageGroupName })) {
    await cloud.call('sagemaker', 'DeleteModelPackage', { ModelPackageName: ModelPackageArn });
  }
  await cloud.call('sagemaker', 'DeleteModelPackageGroup', { ModelPackageGroupName });
}

async function deleteRule(cloud: Cloud, Rule: string): Promise<void> {
  const targets = await cloud.list('events', 'ListTargetsByRule', 'Targets', { Rule });
  if (targets.length > 0) await cloud.call('events', 'RemoveTargets', { Rule, Ids: targets.map(({ Id }) => Id) });
  await cloud.call('events', 'DeleteRule', { Name: Rule });
}

async function deleteStateMachine(cloud: Cloud, name: string): Promise<void> {
  const machines = await cloud.list('states', 'ListStateMachines', 'stateMachines');
  const { stateMachineArn } = machines.find((machine) => machine.name === name);
  for (const { executionArn } of await cloud.list('states', 'ListExecutions', 'executions', { stateMachineArn, statusFilter: 'RUNNING' })) {
    await cloud.call('states', 'StopExecution', { executionArn });
  }
  await cloud.call('states', 'DeleteStateMachine', { stateMachineArn });
}

/** Log groups named after the stack or what it made. */
async function logGroups(cloud: Cloud, prefix: string): Promise<Leftover[]> {
  const places = [prefix, `/aws/sagemaker/Endpoints/${prefix}`, `/aws/lambda/${prefix}`, `/aws/codebuild/${prefix}`];
  const found = await Promise.all(places.map((logGroupNamePrefix) => cloud.list('logs', 'DescribeLogGroups', 'logGroups', { logGroupNamePrefix })));
  return found.flat().map(({ logGroupName }) => ({
    what: `log group ${logGroupName}`, remove: async () => { await cloud.call('logs', 'DeleteLogGroup', { logGroupName }); },
  }));
}

/** Logs of the run's jobs: they lie in groups that all jobs of the account share, which no stack may own. */
export async function jobLogs(cloud: Cloud, logStreamNamePrefix: string): Promise<Leftover[]> {
  const found: Leftover[] = [];
  for (const logGroupName of ['/aws/sagemaker/TrainingJobs', '/aws/sagemaker/TransformJobs']) {
    const groups = await cloud.list('logs', 'DescribeLogGroups', 'logGroups', { logGroupNamePrefix: logGroupName });
    if (!groups.some((group) => group.logGroupName === logGroupName)) continue;
    for (const { logStreamName } of await cloud.list('logs', 'DescribeLogStreams', 'logStreams', { logGroupName, logStreamNamePrefix })) {
      found.push({ what: `log stream ${logGroupName}/${logStreamName}`, remove: async () => { await cloud.call('logs', 'DeleteLogStream', { logGroupName, logStreamName }); } });
    }
  }
  return found;
}
