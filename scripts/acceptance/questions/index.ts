import { NotSeen } from '../log';
import type { Run, Step } from '../run';
import { Interrupted } from '../tempo';
import { approvalOfAnApprovedPackage, inputTransformerEscaping, secondBake } from './events';
import { imageManifests, pullOnNewInstances } from './images';
import { endpointLogGroup, volumeKeyPrincipal } from './permissions';
import { pipelineDeletedWhileItRuns, pipelineListsFunctions, stoppedJob } from './pipelines';
import { NotAnswered, notInARun, type Question } from './question';
import { approvalChecksImage, createModelPackageCaller } from './registry';
import { canarySize, retainedCapture, scalingPermissionChecks } from './releases';
import { requestsWithoutAnAnswer } from './silent-model';
import { quotaErrorName, transformOutput } from './training';
import { resourcesOfAnUpdateThatCleansUp } from './updates';

/** One for each entry of docs/unproven.md; a test compares the two. */
export const QUESTIONS: readonly Question[] = [
  scalingPermissionChecks, secondBake, approvalOfAnApprovedPackage, canarySize, retainedCapture,
  notInARun('marketplace-containers', 'it takes a subscription to a product of the AWS Marketplace; the summaries of the releases are above'), requestsWithoutAnAnswer,
  imageManifests, pullOnNewInstances,
  stoppedJob, quotaErrorName, createModelPackageCaller, transformOutput,
  notInARun('time-of-a-shard', 'the traffic of a run is less than 256 MiB an hour'),
  notInARun('rate-of-child-executions', 'the traffic of a run fits into one shard'),
  pipelineDeletedWhileItRuns, resourcesOfAnUpdateThatCleansUp,
  notInARun('shards-of-a-stopped-scan', 'the traffic of a run fits into one shard'),
  inputTransformerEscaping, volumeKeyPrincipal, endpointLogGroup, approvalChecksImage, pipelineListsFunctions,
];

/** The answer to a question, or why there is none. */
export interface Told {
  readonly name: string;
  readonly answer?: string;
  readonly evidence: string;
  /** The question itself went wrong. */
  readonly isBroken?: boolean;
}

export const questions: Step = {
  name: 'questions',
  expects: 'the open questions of docs/unproven.md are asked',
  minutes: 60,
  async run(run) {
    await run.traffic.stop();
    run.told.push(...await askAll(run, QUESTIONS));
    const broken = run.told.filter(({ isBroken }) => isBroken);
    const answered = run.told.filter(({ answer }) => answer !== undefined);
    run.log.expect('every question has an answer, or a reason for having none', broken.length === 0,
      `${answered.length} answered, ${run.told.length - answered.length - broken.length} with a reason${broken.map(({ name, evidence }) => `; ${name} went wrong: ${evidence}`).join('')}`);
  },
};

/** Those that change the same one after another, the others at once. Told in the order of the questions. */
export async function askAll(run: Run, all: readonly Question[]): Promise<Told[]> {
  const told = new Map<string, Told>();
  const inTurn = async (group: readonly Question[]): Promise<void> => {
    for (const question of group) told.set(question.name, await ask(run, question));
  };
  const idle = all.filter(({ changes }) => changes === 'nothing').map((question) => [question]);
  const groups = [...idle, ...(['endpoint', 'training'] as const).map((what) => all.filter(({ changes }) => changes === what))];
  await Promise.all(groups.map(inTurn));
  return all.map(({ name }) => told.get(name)!);
}

async function ask(run: Run, question: Question): Promise<Told> {
  const { name } = question;
  try {
    return { name, ...await question.ask(run) };
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (error instanceof NotAnswered) return { name, evidence: error.message };
    return { name, isBroken: true, evidence: error instanceof NotSeen ? error.message : (error as Error).stack ?? String(error) };
  }
}

/** Name, answer and evidence of each, for the end of the run. */
export function printAnswers(write: (line: string) => void, told: readonly Told[]): void {
  write('answers to docs/unproven.md');
  for (const { name, answer, evidence } of told) write(`  ${name}\n    ${answer ?? 'not answered'}\n    ${answer === undefined ? 'because: ' : 'evidence: '}${evidence.split('\n')[0]}`);
}
