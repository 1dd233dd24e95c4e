import { handler } from '../../../lambda/delivery/start-release';
import type { ModelPackageEvent } from '../../../lib/delivery/approve-candidate.contract';
import { context, FakeAccount, GROUP, packageArn, RECORDS, ROLLBACK_RECORDS, rolledBack, type Package } from './support';

Object.assign(process.env, { PIPELINE_NAME: 'release', ENDPOINT_NAME: 'flights', MODEL_PACKAGE_GROUP: GROUP, ARTIFACTS_BUCKET: 'artifacts', ROLLBACK_RECORDS });

const STATE = 'state/release/release.json';
const at = (minute: number) => new Date(minute * 60_000);
const tell = (arn: string, UpdatedModelPackageFields?: string[], time = at(0)) =>
  handler({ time: time.toISOString(), detail: { ModelPackageArn: arn, UpdatedModelPackageFields } } as unknown as ModelPackageEvent, context);

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
  const reserved = account.stored(STATE);
  reserved.approvals[packageArn(1)].started = false;
  account.store(STATE, reserved);
  await tell(packageArn(1));
  const tokens = account.called('StartPipelineExecution').map(({ clientRequestToken }) => clientRequestToken);
  expect(tokens).toEqual([tokens[0], tokens[0]]);
});

describe('a package that was rolled back in minute 5', () => {
  /** Approved, released and rolled back by staging and, before that, by production; then something changes it. */
  async function account() {
    const made = new FakeAccount();
    const approve = (minute: number, fields: string[] | undefined, told = minute) => {
      made.packages.set(packageArn(1), { approval: 'Approved', changedAt: at(minute) });
      return tell(packageArn(1), fields, at(told));
    };
    await approve(1, ['ModelApprovalStatus']);
    made.store(RECORDS[0], rolledBack('staging', { 1: 5, 2: 9 }));
    made.store(RECORDS[1], rolledBack('flights', { 1: 4 }));
    return { made, approve, remembered: () => RECORDS.flatMap((key) => Object.keys(made.stored(key).packages)) };
  }
  const both = [packageArn(1), packageArn(2), packageArn(1)];

  test.each([['its approval status', ['ModelApprovalStatus']], ['the reason of its approval', ['ApprovalDescription', 'CustomerMetadataProperties']]])(
    'is released once more when a person sets %s anew, and no longer counts as rolled back', async (_, fields) => {
      const { made, approve, remembered } = await account();
      await approve(6, fields);
      await approve(6, fields);
      expect(releasesOf(made)).toEqual([packageArn(1), packageArn(1)]);
      const tokens = made.called('StartPipelineExecution').map(({ clientRequestToken }) => clientRequestToken);
      expect(new Set(tokens).size).toBe(2);
      expect(remembered()).toEqual([packageArn(2)]);
    });

  test.each<[string, number, string[] | undefined, number]>([
    ['a note in its metadata', 6, ['CustomerMetadataProperties'], 6],
    ['an event that does not say what changed', 6, undefined, 6],
    ['the approval before the rollback, told late', 1, ['ModelApprovalStatus'], 1],
    ['the approval before the rollback, told late, after a note', 6, ['ModelApprovalStatus'], 1],
  ])('is not released by %s', async (_, changed, fields, told) => {
    const { made, approve, remembered } = await account();
    await approve(changed, fields, told);
    expect(releasesOf(made)).toEqual([packageArn(1)]);
    expect(remembered()).toEqual(both);
  });

  test('is released when it is approved after a rejection', async () => {
    const { made, approve, remembered } = await account();
    made.packages.set(packageArn(1), { approval: 'Rejected', changedAt: at(6) });
    await tell(packageArn(1), ['ModelApprovalStatus'], at(6));
    expect(remembered()).toEqual(both);
    await approve(7, ['ModelApprovalStatus']);
    expect(releasesOf(made)).toEqual([packageArn(1), packageArn(1)]);
    expect(remembered()).toEqual([packageArn(2)]);
  });

  test('is not released by an approval that a run of the pipeline was faster than', async () => {
    const made = new FakeAccount();
    made.store(RECORDS[1], rolledBack('flights', { 1: 5 }));
    made.packages.set(packageArn(1), { approval: 'Approved', changedAt: at(1) });
    await tell(packageArn(1), ['ModelApprovalStatus'], at(1));
    // Nor by what is changed of it later.
    made.packages.set(packageArn(1), { approval: 'Approved', changedAt: at(6) });
    await tell(packageArn(1), ['CustomerMetadataProperties'], at(6));
    expect(releasesOf(made)).toEqual([]);
  });

  test('is released by a new approval that broke off half-way and is told again', async () => {
    const { made, approve } = await account();
    await approve(6, ['ModelApprovalStatus']);
    const reserved = made.stored(STATE);
    reserved.approvals[packageArn(1)].started = false;
    made.store(STATE, reserved);
    await approve(6, ['ModelApprovalStatus']);
    const [, second, third] = made.called('StartPipelineExecution').map(({ clientRequestToken }) => clientRequestToken);
    expect(third).toBe(second);
  });
});
