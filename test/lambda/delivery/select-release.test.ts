import { handler } from '../../../lambda/delivery/select-release';
import { context, FakeAccount, GROUP, packageArn, pipelineJob, type Package } from './support';

process.env.MODEL_PACKAGE_GROUP = GROUP;

afterEach(() => jest.restoreAllMocks());

/** What the pipeline hears when it asks for `asked`. */
async function select(asked: string, packages: Record<number, Package>): Promise<string> {
  const account = new FakeAccount();
  for (const [version, found] of Object.entries(packages)) account.packages.set(packageArn(Number(version), found.group), found);
  await handler(pipelineJob({ packageArn: asked }), context);
  const [failure] = account.called('PutJobFailureResult');
  if (failure !== undefined) return `${failure.failureDetails.type}: ${failure.failureDetails.message}`;
  return account.called('PutJobSuccessResult')[0].outputVariables.PackageArn;
}

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
    `JobFailed: ${packageArn(1)} is not approved any more and no other package is, so an endpoint that serves it goes on doing so; approve a package, or delete the endpoint`],
  ['is of another group', packageArn(1, 'others'), { 1: { approval: 'Approved', group: 'others' } },
    `ConfigurationError: ${packageArn(1, 'others')} belongs to the group 'others', this pipeline releases 'models'; start it with a package of its own`],
])('a package that %s ends the release with the reason', async (_, asked, packages, reason) => {
  expect(await select(asked, packages)).toBe(reason);
});
