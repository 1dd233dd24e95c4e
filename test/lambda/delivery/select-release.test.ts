import { handler } from '../../../lambda/delivery/select-release';
import { context, FakeAccount, GROUP, packageArn, pipelineJob, RECORDS, ROLLBACK_RECORDS, rolledBack, type Package } from './support';

Object.assign(process.env, { MODEL_PACKAGE_GROUP: GROUP, ROLLBACK_RECORDS });

afterEach(() => jest.restoreAllMocks());

/** Versions and the minute in which they were rolled back, by endpoint. */
interface Rollbacks {
  readonly staging?: Readonly<Record<number, number>>;
  readonly flights?: Readonly<Record<number, number>>;
}

/** What the pipeline reports when it asks for `asked`: the package or the failure, and the summary. */
async function report(asked: string, packages: Record<number, Package>, rollbacks: Rollbacks = {}): Promise<{ outcome: string; summary?: string }> {
  const account = new FakeAccount();
  if (rollbacks.staging) account.store(RECORDS[0], rolledBack('staging', rollbacks.staging));
  if (rollbacks.flights) account.store(RECORDS[1], rolledBack('flights', rollbacks.flights));
  for (const [version, found] of Object.entries(packages)) account.packages.set(packageArn(Number(version), found.group), found);
  await handler(pipelineJob({ packageArn: asked }), context);
  const [failure] = account.called('PutJobFailureResult');
  if (failure !== undefined) return { outcome: `${failure.failureDetails.type}: ${failure.failureDetails.message}` };
  const [{ outputVariables, executionDetails }] = account.called('PutJobSuccessResult');
  return { outcome: outputVariables.PackageArn, summary: executionDetails.summary };
}

const select = async (asked: string, packages: Record<number, Package>) => (await report(asked, packages)).outcome;

const approved: Package = { approval: 'Approved' };
const rejected: Package = { approval: 'Rejected' };

test.each<[string, string, Record<number, Package>, string]>([
  ['the package asked for, even if there is a newer one', packageArn(1), { 1: approved, 2: approved }, packageArn(1)],
  ['the newest approved one in place of a rejected one', packageArn(3), { 1: approved, 2: approved, 3: rejected }, packageArn(2)],
  ['the newest approved one if none is asked for', 'none', { 1: approved, 2: rejected, 3: { approval: 'PendingManualApproval' } }, packageArn(1)],
  ['no package that failed', 'none', { 1: approved, 2: { approval: 'Approved', status: 'Failed' } }, packageArn(1)],
  ['nothing in an empty registry', 'none', {}, 'none'],
])('%s', async (_, asked, packages, chosen) => {
  expect(await select(asked, packages)).toBe(chosen);
});

test.each<[string, string, Record<number, Package>, string]>([
  ['failed', packageArn(2), { 1: approved, 2: { approval: 'Approved', status: 'Failed' } },
    `JobFailed: ${packageArn(2)} is Approved but failed, so it cannot be served: the artifact is gone; approve another package`],
  ['is the last one and rejected', packageArn(1), { 1: rejected },
    `JobFailed: ${packageArn(1)} is no longer approved and there is no other approved package; an endpoint that serves it keeps serving it. Approve a package, or delete the endpoint`],
  ['is of another group', packageArn(1, 'others'), { 1: { approval: 'Approved', group: 'others' } },
    `ConfigurationError: ${packageArn(1, 'others')} belongs to the group 'others', this pipeline releases 'models'; start it with a package of its own`],
])('a package that %s ends the release with the reason', async (_, asked, packages, reason) => {
  expect(await select(asked, packages)).toBe(reason);
});

describe('a package that was rolled back', () => {
  const went = (version: number, endpoint: string) => `${packageArn(version)} was rolled back from endpoint ${endpoint} at 1970-01-01T00:07:00.000Z (errors fired)`;

  test.each<[string, Rollbacks, string]>([
    ['from production', { flights: { 2: 7 } }, 'flights'],
    ['from staging alone', { staging: { 2: 7 } }, 'staging'],
  ])('%s is passed over for the newest good one, and the summary says so', async (_, rollbacks, endpoint) => {
    expect(await report('none', { 1: approved, 2: approved }, rollbacks)).toEqual({
      outcome: packageArn(1), summary: `releasing ${packageArn(1)}; passed over until approved again: ${went(2, endpoint)}`,
    });
  });

  test('is released when the pipeline is started with it', async () => {
    expect(await report(packageArn(2), { 1: approved, 2: approved }, { flights: { 2: 7 } })).toEqual({ outcome: packageArn(2), summary: `releasing ${packageArn(2)}` });
  });

  test('does not take the place of a rejected one', async () => {
    expect(await report(packageArn(3), { 1: approved, 2: approved, 3: rejected }, { flights: { 2: 7 } })).toMatchObject({ outcome: packageArn(1) });
  });

  test('and that is older than the newest changes nothing', async () => {
    expect(await report('none', { 1: approved, 2: approved }, { flights: { 1: 7 } })).toEqual({ outcome: packageArn(2), summary: `releasing ${packageArn(2)}` });
  });

  test('and is the only approved one fails the run, with what to do', async () => {
    expect(await report('none', { 1: rejected, 2: approved }, { flights: { 2: 7 } })).toEqual({
      outcome: `JobFailed: nothing is released, every approved package was rolled back: ${went(2, 'flights')}. Approve another package, or one of these again to release it as it is`,
    });
    expect(await report(packageArn(1), { 1: rejected, 2: approved }, { flights: { 2: 7 } })).toEqual({
      outcome: `JobFailed: ${packageArn(1)} is no longer approved, and no other approved package can take its place: ${went(2, 'flights')}. `
        + 'An endpoint that serves it keeps serving it. Approve another package, or one of these again to release it as it is, or delete the endpoint',
    });
  });
});
