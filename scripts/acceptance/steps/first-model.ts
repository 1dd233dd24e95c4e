import { ORDINARY } from '../data';
import { ended, executions, expectSucceeded, summaries, type Execution } from '../pipelines';
import { pending, review, served, watchEndpoint } from '../registry';
import { deployedOf, type Run, type Step } from '../run';
import { describeAnswers, isHealthy } from '../traffic';

export const firstModel: Step = {
  name: 'first-model',
  expects: 'a week of labelled flights becomes a package that waits for approval',
  minutes: 30,
  async run(run) {
    const { dataBucket } = deployedOf(run);
    const known = await executions(run, deployedOf(run).trainingPipeline);
    const rows = await run.data.handIn(dataBucket, ORDINARY);
    await run.data.complete(dataBucket);
    run.seen.firstPackage = await trained(run, known, `${rows} rows`);
  },
};

/** The package that the next training run registers. */
export async function trained(run: Run, known: readonly Execution[], from: string): Promise<string> {
  const { trainingPipeline } = deployedOf(run);
  const before = new Set((await pending(run)).map(({ ModelPackageArn }) => ModelPackageArn));
  await expectSucceeded(run, trainingPipeline, await ended(run, trainingPipeline, known, 240));
  const candidate = (await pending(run)).find(({ ModelPackageArn }) => !before.has(ModelPackageArn));
  run.log.expect(`a package made from ${from} waits for approval`, candidate?.ModelPackageStatus === 'Completed',
    candidate === undefined ? 'none' : `${candidate.ModelPackageArn}, ${candidate.ModelPackageStatus}`);
  return candidate.ModelPackageArn as string;
}

export const release: Step = {
  name: 'release',
  expects: 'the approved package is served by two instances and answers requests',
  minutes: 25,
  async run(run) {
    const { firstPackage } = run.seen;
    await approveAndRelease(run, firstPackage!, 'release');
    run.traffic.start(deployedOf(run).endpoint);
    await run.tempo.sleep(120);
    expectHealthy(run, 'requests are answered by numbers');
  },
};

/** Of the requests since the last time: all but a few were answered. */
export function expectHealthy({ traffic, log }: Run, expected: string): void {
  const answers = traffic.take();
  log.expect(expected, isHealthy(answers), describeAnswers(answers));
}

/** A person agrees, and the endpoint serves the package. */
export async function approveAndRelease(run: Run, packageArn: string, update: string): Promise<void> {
  const { releasePipeline, endpoint } = deployedOf(run);
  const known = await executions(run, releasePipeline);
  await review(run, packageArn, 'Approved');
  const execution = await ended(run, releasePipeline, known, 240, () => watchEndpoint(run, update));
  await expectSucceeded(run, releasePipeline, execution);
  for (const summary of await summaries(run, releasePipeline, execution.pipelineExecutionId)) run.log.line(`   summary:  ${summary}`);
  const now = await served(run);
  run.log.expect(`endpoint ${endpoint} serves the approved package`, now?.packageArn === packageArn, now?.packageArn ?? 'not in service');
}
