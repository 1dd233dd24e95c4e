import { CHANGED } from '../data';
import { deployedOf, type Run } from '../run';
import { stackResource } from '../stack-resources';
import { ProbeStack } from './probe-stack';
import { NotAnswered, type Answer, type Question } from './question';
import { history, stopJob, trainingWorkflow } from './training';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** A copy of the training pipeline is deleted twice while it runs: during its build, and while its job trains. The job is then stopped. */
interface DeletedPipeline {
  readonly deleted: Answer;
  readonly stopped: Answer;
}

const deletions = new WeakMap<Run, Promise<DeletedPipeline>>();

function deletion(run: Run): Promise<DeletedPipeline> {
  if (!deletions.has(run)) deletions.set(run, deleteWhileRunning(run));
  return deletions.get(run)!;
}

export const pipelineDeletedWhileItRuns: Question = { name: 'pipeline-deleted-while-it-runs', changes: 'training', ask: async (run) => (await deletion(run)).deleted };

export const stoppedJob: Question = { name: 'stopped-job', changes: 'training', ask: async (run) => (await deletion(run)).stopped };

/** Seconds after which a run that is to end with its pipeline has ended. */
const AFTERMATH = 90;

async function deleteWhileRunning(run: Run): Promise<DeletedPipeline> {
  const { cloud, tempo } = run;
  const { pipeline } = await cloud.call('codepipeline', 'GetPipeline', { name: deployedOf(run).trainingPipeline });
  // Nothing is trained on what was trained on before.
  await run.data.handIn(deployedOf(run).dataBucket, CHANGED);
  const build = await duringBuild(run, pipeline);
  const { executionArn, TrainingJobName } = await duringTraining(run, pipeline);
  await tempo.sleep(AFTERMATH);
  const { status } = await cloud.call('states', 'DescribeExecution', { executionArn });
  const { TrainingJobStatus } = await cloud.call('sagemaker', 'DescribeTrainingJob', { TrainingJobName });
  const goesOn = (running: boolean) => (running ? 'goes on' : 'ends');
  return {
    deleted: {
      answer: `after its pipeline is deleted a build ${goesOn(build === 'IN_PROGRESS' || build === 'SUCCEEDED')}, a workflow ${goesOn(status === 'RUNNING')}`,
      evidence: `${AFTERMATH} s later: build ${build}; execution ${status}, training job ${TrainingJobStatus}`,
    },
    stopped: await stopJob(run, executionArn, TrainingJobName),
  };
}

/** What becomes of a build whose pipeline is deleted. */
async function duringBuild(run: Run, pipeline: any): Promise<string> {
  const { cloud, tempo } = run;
  const projectName = await stackResource(run, 'AWS::CodeBuild::Project', '');
  const builds = async () => ((await cloud.call('codebuild', 'ListBuildsForProject', { projectName })).ids ?? []) as string[];
  const before = new Set(await builds());
  const stack = new ProbeStack(run, 'built');
  await stack.create(copyOf(pipeline, stack.name));
  const id = await tempo.until('a build to start', async () => (await builds()).find((each) => !before.has(each)), { minutes: 30, everySeconds: 5 });
  await stack.delete();
  await tempo.sleep(AFTERMATH);
  const { builds: [{ buildStatus }] } = await cloud.call('codebuild', 'BatchGetBuilds', { ids: [id] });
  return buildStatus as string;
}

/** Runs the copy until its job trains, then deletes it. */
async function duringTraining(run: Run, pipeline: any): Promise<{ executionArn: string; TrainingJobName: string }> {
  const { cloud, tempo } = run;
  const stateMachineArn = await trainingWorkflow(run);
  const known = new Set((await cloud.list('states', 'ListExecutions', 'executions', { stateMachineArn })).map((execution) => execution.executionArn));
  const stack = new ProbeStack(run, 'trained');
  await stack.create(copyOf(pipeline, stack.name));
  const executionArn = await tempo.until('the training workflow to start', async () => {
    const executions = await cloud.list('states', 'ListExecutions', 'executions', { stateMachineArn });
    return executions.map((execution) => execution.executionArn as string).find((arn) => !known.has(arn));
  }, { minutes: 60, everySeconds: 10 });
  const TrainingJobName = await tempo.until('a training job to run', () => jobOf(run, executionArn), { minutes: 60, everySeconds: 10 });
  await stack.delete();
  return { executionArn, TrainingJobName };
}

/** Name of the training job that a workflow has begun. */
async function jobOf(run: Run, executionArn: string): Promise<string | undefined> {
  const [submitted] = await history(run, executionArn, ({ taskSubmittedEventDetails }) => taskSubmittedEventDetails?.resource === 'createTrainingJob.sync');
  if (submitted !== undefined) return /:training-job\/([^"\\]+)/.exec(submitted.taskSubmittedEventDetails.output)?.[1];
  const { status, cause } = await run.cloud.call('states', 'DescribeExecution', { executionArn });
  if (status !== 'RUNNING') throw new NotAnswered(`the workflow is ${status} before a job trains: ${cause}`);
  return undefined;
}

/** The pipeline as a resource of a template: the API's names begin in lower case, and those of configurations are the actions' own. */
function copyOf({ name: _name, version: _version, ...pipeline }: any, Name: string): Record<string, unknown> {
  const capitalized = (value: any): any => {
    if (Array.isArray(value)) return value.map(capitalized);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.charAt(0).toUpperCase() + key.slice(1), key === 'configuration' ? item : capitalized(item)]));
  };
  return { Pipeline: { Type: 'AWS::CodePipeline::Pipeline', Properties: { ...capitalized(pipeline), Name } } };
}

/** No function is listed by the role; a run that has invoked one shows that it need not. */
export const pipelineListsFunctions: Question = {
  name: 'pipeline-lists-functions',
  changes: 'nothing',
  async ask(run) {
    const { releasePipeline } = deployedOf(run);
    const actions = await run.cloud.list('codepipeline', 'ListActionExecutions', 'actionExecutionDetails', { pipelineName: releasePipeline });
    const invocations = actions.filter(({ input }) => input?.actionTypeId?.provider === 'Lambda');
    const done = invocations.filter(({ status }) => status === 'Succeeded');
    const refused = invocations.map(({ output }) => output?.executionResult?.errorDetails?.message as string | undefined).find((message) => message?.includes('ListFunctions'));
    return {
      answer: refused === undefined && done.length > 0 ? 'a Lambda action does not need lambda:ListFunctions' : 'a Lambda action needs lambda:ListFunctions',
      evidence: refused ?? `${done.length} of ${invocations.length} Lambda actions succeeded without it`,
    };
  },
};
