import { handler } from '../../../lambda/delivery/start-release';
import type { ModelPackageEvent } from '../../../lib/delivery/approve-candidate.contract';
import { context, FakeAccount, GROUP, packageArn, type Package } from './support';

Object.assign(process.env, { PIPELINE_NAME: 'release', ENDPOINT_NAME: 'flights', MODEL_PACKAGE_GROUP: GROUP });

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

test('the same approval, told twice, asks for the same execution; a rejection for another', async () => {
  const account = new FakeAccount();
  account.packages.set(packageArn(1), { approval: 'Approved' });
  await tell(packageArn(1));
  await tell(packageArn(1));
  account.packages.set(packageArn(1), { approval: 'Rejected' });
  account.live = packageArn(1);
  await tell(packageArn(1));
  const tokens = account.called('StartPipelineExecution').map(({ clientRequestToken }) => clientRequestToken);
  expect(tokens[0]).toMatch(/^[a-zA-Z0-9-]{1,128}$/);
  expect(tokens).toEqual([tokens[0], tokens[0], expect.not.stringMatching(tokens[0])]);
});
