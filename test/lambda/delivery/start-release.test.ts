import { handler } from '../../../lambda/delivery/start-release';
import type { ModelPackageEvent } from '../../../lib/delivery/approve-candidate.contract';
import { context, FakeAccount, GROUP, packageArn, type Package } from './support';

Object.assign(process.env, { PIPELINE_NAME: 'release', ENDPOINT_NAME: 'flights', MODEL_PACKAGE_GROUP: GROUP, ARTIFACTS_BUCKET: 'artifacts' });

const tell = (arn: string) => handler({ detail: { ModelPackageArn: arn } } as ModelPackageEvent, context);

afterEach(() => jest.restoreAllMocks());

interface Case {
  readonly found: Package;
  readonly live?: 'itself' | 'another';
  readonly inFlight?: number;
  readonly starts: boolean;
}

test.each<[string, Case]>([
  ['an approval', { found: { approval: 'Approved' }, starts: true }],
  ['an approval while another serves', { found: { approval: 'Approved' }, live: 'another', starts: true }],
  ['an edit of the package that serves', { found: { approval: 'Approved' }, live: 'itself', starts: false }],
  ['an approval of a package that failed: its release says so', { found: { approval: 'Approved', status: 'Failed' }, starts: true }],
  ['an approval of a package still being made', { found: { approval: 'Approved', status: 'InProgress' }, starts: false }],
  ['a rejection of the package that serves', { found: { approval: 'Rejected' }, live: 'itself', starts: true }],
  ['a rejection of a package that does not', { found: { approval: 'Rejected' }, live: 'another', starts: false }],
  ['a rejection of a package that may be about to', { found: { approval: 'Rejected' }, live: 'another', inFlight: 1, starts: true }],
  ['a rejection of a package that failed', { found: { approval: 'Rejected', status: 'Failed' }, inFlight: 1, starts: false }],
  ['an event overtaken by a second thought', { found: { approval: 'PendingManualApproval' }, starts: false }],
  ['a package of another group', { found: { approval: 'Approved', group: 'others' }, starts: false }],
])('%s', async (_, { found, live, inFlight = 0, starts }) => {
  const account = new FakeAccount();
  account.packages.set(packageArn(1), found);
  account.live = live === undefined ? undefined : packageArn(live === 'itself' ? 1 : 2);
  account.releasesInFlight = inFlight;
  await tell(packageArn(1));
  const started = account.called('StartPipelineExecution');
  expect(started).toHaveLength(starts ? 1 : 0);
  if (starts) expect(started[0]).toMatchObject({ name: 'release', variables: [{ name: 'PackageArn', value: packageArn(1) }] });
});

const releasesOf = (account: FakeAccount) => account.called('StartPipelineExecution').map(({ variables }) => variables[0].value);
const at = (minute: number) => new Date(minute * 60_000);

test('an approval told twice, or an edit of an approved package, starts one release', async () => {
  const account = new FakeAccount();
  account.packages.set(packageArn(1), { approval: 'Approved', changedAt: at(1) });
  await tell(packageArn(1));
  await tell(packageArn(1));
  account.packages.set(packageArn(1), { approval: 'Approved', changedAt: at(9) });
  await tell(packageArn(1));
  expect(releasesOf(account)).toEqual([packageArn(1)]);
  expect(account.called('StartPipelineExecution')[0].clientRequestToken).toMatch(/^[a-zA-Z0-9-]{1,128}$/);
});

test('of two approvals told in the wrong order the later one is released, and an edit of the other changes nothing', async () => {
  const account = new FakeAccount();
  account.packages.set(packageArn(1), { approval: 'Approved', changedAt: at(1) });
  account.packages.set(packageArn(2), { approval: 'Approved', changedAt: at(2) });
  await tell(packageArn(2));
  await tell(packageArn(1));
  account.packages.set(packageArn(1), { approval: 'Approved', changedAt: at(5) });
  await tell(packageArn(1));
  expect(releasesOf(account)).toEqual([packageArn(2)]);
});

test('approved again after a rejection it is released again', async () => {
  const account = new FakeAccount();
  for (const [minute, approval] of ['Approved', 'Rejected', 'Approved'].entries()) {
    account.packages.set(packageArn(1), { approval, changedAt: at(minute) });
    await tell(packageArn(1));
  }
  expect(releasesOf(account)).toEqual([packageArn(1), packageArn(1)]);
});

test('a start that broke off is made again with the same token', async () => {
  const account = new FakeAccount();
  account.packages.set(packageArn(1), { approval: 'Approved' });
  await tell(packageArn(1));
  const reserved = JSON.parse(account.state!.body);
  reserved.approvals[packageArn(1)].started = false;
  account.state!.body = JSON.stringify(reserved);
  await tell(packageArn(1));
  const tokens = account.called('StartPipelineExecution').map(({ clientRequestToken }) => clientRequestToken);
  expect(tokens).toEqual([tokens[0], tokens[0]]);
});
