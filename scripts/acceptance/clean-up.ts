import type { Cloud } from './cloud';
import { isMissing } from './cloud';
import type { Log } from './log';
import type { Names } from './names';
import type { Tempo } from './tempo';
import { emptyBucket, jobLogs, searches, type Leftover } from './searches';

/** What cleaning up needs of a run; there is no more of one that crashed. */
export interface Cleaning {
  readonly cloud: Cloud;
  readonly names: Names;
  readonly tempo: Tempo;
  readonly log: Log;
  /** How names of the loop's jobs begin; undefined if the stack is to be asked. */
  readonly jobPrefix?: string;
}

/** Minutes that CloudFormation may take for a stack, with a retirement that waits for jobs. */
const STACK_MINUTES = 120;

export interface Found {
  readonly leftovers: readonly Leftover[];
  /** Searches that could not be made. */
  readonly problems: readonly string[];
}

/** What bears the name, in every service that the loop uses. */
export async function findLeftovers({ cloud }: Pick<Cleaning, 'cloud'>, ...prefixes: string[]): Promise<Found> {
  const results = await Promise.all(searches(cloud).map(async ({ kind, find }) => {
    try {
      return { leftovers: (await Promise.all(prefixes.map(find))).flat(), problems: [] };
    } catch (error) {
      return { leftovers: [], problems: [`${kind}s could not be looked for: ${(error as Error).message}`] };
    }
  }));
  return { leftovers: results.flatMap((result) => result.leftovers), problems: results.flatMap((result) => result.problems) };
}

/** Removes everything of the run, whatever state it is in. Gives what could not be removed, with the reason. */
export async function cleanUp(cleaning: Cleaning): Promise<string[]> {
  const { names, log } = cleaning;
  const jobPrefix = cleaning.jobPrefix ?? await jobPrefixOf(cleaning.cloud, names.stack);
  const failures: string[] = [];
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      log.line(`   removed ${what}`);
    } catch (error) {
      if (!isMissing(error)) failures.push(`${what}: ${(error as Error).message}`);
    }
  };
  // What keeps it from going, as a bucket that is not empty, is removed below.
  const hindered = await deleteStack(cleaning, names.stack).then(() => false, (error: unknown) => !isMissing(error));
  // An endpoint goes before its config, and that before its models: the searches give them in this order.
  for (const { what, remove } of (await findLeftovers(cleaning, names.stack, names.probe)).leftovers) if (!what.startsWith('stack ')) await attempt(what, remove);
  for (const prefix of [jobPrefix ?? [], names.probe].flat()) for (const { what, remove } of await jobLogs(cleaning.cloud, prefix)) await attempt(what, remove);
  if (hindered) await attempt(`stack ${names.stack}`, () => deleteStack(cleaning, names.stack));
  await attempt(`stack ${names.toolkit}`, () => deleteStack(cleaning, names.toolkit));
  for (const bucket of await toolkitBuckets(cleaning)) await attempt(`bucket ${bucket}`, () => emptyBucket(cleaning.cloud, bucket));
  const { leftovers, problems } = await findLeftovers(cleaning, names.stack, names.probe);
  return [...failures, ...problems, ...leftovers.map(({ what }) => `${what} is still there`)];
}

/** The loop shortens the names of its jobs: a function of the stack knows how they begin. */
export async function jobPrefixOf(cloud: Cloud, stack: string): Promise<string | undefined> {
  const functions = await cloud.list('lambda', 'ListFunctions', 'Functions');
  return functions.filter(({ FunctionName }) => FunctionName.startsWith(stack)).map(({ Environment }) => Environment?.Variables?.JOB_NAME_PREFIX as string | undefined)
    .find((prefix) => prefix !== undefined);
}

/** The status of a stack once nothing is in progress any more. */
export async function settleStack({ cloud, tempo }: Pick<Cleaning, 'cloud' | 'tempo'>, stackId: string): Promise<string> {
  return tempo.until(`stack ${stackId} to settle`, async () => {
    const found = await cloud.find('cloudformation', 'DescribeStacks', { StackName: stackId });
    const status: string = found?.Stacks[0].StackStatus ?? 'DELETE_COMPLETE';
    return !status.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS' ? status : undefined;
  }, { minutes: STACK_MINUTES, everySeconds: 15 });
}

async function deleteStack(cleaning: Cleaning, name: string): Promise<void> {
  const { cloud } = cleaning;
  const found = await cloud.call('cloudformation', 'DescribeStacks', { StackName: name });
  const { StackId } = found.Stacks[0];
  await settleStack(cleaning, StackId);
  await cloud.call('cloudformation', 'DeleteStack', { StackName: StackId });
  const status = await settleStack(cleaning, StackId);
  if (status === 'DELETE_COMPLETE') return;
  const events = await cloud.list('cloudformation', 'DescribeStackEvents', 'StackEvents', { StackName: StackId });
  const reasons = events.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_FAILED').map(({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`);
  throw new Error(`it is ${status}: ${[...new Set(reasons)].slice(0, 5).join('; ')}`);
}

async function toolkitBuckets({ cloud, names }: Cleaning): Promise<string[]> {
  const { Buckets = [] } = await cloud.call('s3', 'ListBuckets');
  return Buckets.map(({ Name }: { Name: string }) => Name).filter((name: string) => name.startsWith(`cdk-${names.qualifier}-assets-`));
}
