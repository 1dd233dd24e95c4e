import { compareRights, summaryOf } from '../../scripts/iam/caller-rights';
import { leaks } from '../../scripts/iam/log-lines';
import type { Observation } from '../../scripts/iam/observer';
import { draw, mutationsOf } from '../../scripts/iam/mutations';
import { play, type Played } from '../../scripts/iam/scenario';
import { withoutAction } from '../../scripts/iam/statement';
import { missing, stale, unexplained } from '../../scripts/iam/verification';
import { Random } from '../../twin';
import { COAST, OCEAN } from './support/airline';
import { refereed } from './support/referee';

/** Airports stand in every row of the data, in every request, and nowhere else. */
const AIRPORTS = new RegExp(`\\b(${[COAST, OCEAN].flatMap(({ lateness, destinations }) => [...Object.keys(lateness), ...destinations]).join('|')})\\b`);

describe('the loop with its side paths', () => {
  let played: Played;
  const referee = refereed();
  beforeAll(async () => { played = await play(undefined, referee.witness); }, 300_000);

  test('is refused nothing', () => {
    expect(missing(played.evidence)).toEqual([]);
  });

  test('uses every permission of the template that is not explained', async () => {
    expect(await unexplained(played.evidence)).toEqual([]);
    expect(await stale(played.evidence)).toEqual([]);
  });

  test('has what AWS publishes of the rights behind its calls, or a reviewed reason why not', async () => {
    const comparison = await compareRights(played.uses, played.evidence.grants);
    process.stdout.write(`${summaryOf(comparison)}\n`);
    expect(comparison.operations).toBeGreaterThan(60);
    expect(comparison).toMatchObject({ unknown: [], unexplained: [], stale: [] });
  });

  test('notices whatever is taken out of the policies', async () => {
    const mutations = played.evidence.grants.flatMap(mutationsOf);
    expect(new Set(mutations.map(({ removed }) => removed))).toEqual(new Set(['statement', 'action', 'resource', 'condition']));
    const unnoticed: string[] = [];
    for (const mutation of draw(mutations, 200, new Random(1))) {
      if (!(await mutation.noticed(played.evidence))) unnoticed.push(`${mutation.removed} of ${mutation.change.grant.owner}: ${mutation.detail}`);
    }
    expect(unnoticed).toEqual([]);
  }, 120_000);

  test('would notice what stands in the policies for nothing', async () => {
    const { evidence } = played;
    const grant = evidence.grants.find(({ kind, statement }) => kind === 'identity' && [statement.Action].flat().includes('sagemaker:UpdateModelPackage'))!;
    const idle = { ...grant, statement: { Effect: 'Allow' as const, Action: ['sagemaker:DeleteModelPackage', 's3:GetObject'], Resource: '*' } };
    const extended = { ...evidence, grants: [...evidence.grants, idle] };
    expect(await unexplained(extended)).toEqual([
      { role: grant.owner, action: 's3:GetObject', resource: '*' }, { role: grant.owner, action: 'sagemaker:DeleteModelPackage', resource: '*' },
    ]);
  });

  test('notices a boundary that is narrower than what a role needs', async () => {
    const { evidence } = played;
    const [boundary] = evidence.grants.filter(({ kind }) => kind === 'boundary');
    const change = { grant: boundary!, instead: withoutAction(boundary!.statement, 'sqs:*') };
    const refused: Observation[] = [];
    for (const observation of evidence.allowed) if (!(await evidence.evaluation.allows(observation, change))) refused.push(observation);
    const entries = missing({ ...evidence, refused });
    expect(entries.map(({ role, action }) => `${role.replace(/[0-9A-F]{8}$/, '')} ${action}`)).toEqual(expect.arrayContaining(['LoopReleasePipelineStartRole sqs:SendMessage']));
    expect(entries.filter(({ action }) => !action.startsWith('sqs:'))).toEqual([]);
    // Every role of the stack is bounded, none was left out.
    const identities = new Set(evidence.grants.flatMap(({ kind, roleArn }) => (kind === 'identity' ? [roleArn!] : [])));
    expect([...identities].filter((arn) => !boundary!.boundedRoleArns!.includes(arn))).toEqual([]);
  });

  test('writes no secret, credential or payload into any log', () => {
    const groups = new Set(played.logLines.map(({ logGroup }) => logGroup.replace(/-[A-Z0-9]{12}$|\/mlops-.*$/, '')));
    expect([...groups].filter((group) => /TrainingJobs|TransformJobs|ProcessingJobs|Endpoints|BuildLogs|ScanLogs|DeployLogs|RetireLogs/.test(group)).length).toBeGreaterThanOrEqual(7);
    expect(leaks(played.logLines, AIRPORTS)).toEqual([]);
  });

  referee.test('makes and answers its calls as botocore\'s models have them');
});

describe('a leak is found', () => {
  test.each([
    ['an access key', 'using AKIAIOSFODNN7EXAMPLE'],
    ['a secret key or session token', '{"artifactCredentials":{"secretAccessKey":"x"}}'],
    ['a signature', 'Authorization: AWS4-HMAC-SHA256 Credential=x'],
    ['credentials in an address or header', 'cloning https://me:token@example.com/repository'],
    ['a private key', '-----BEGIN RSA PRIVATE KEY-----'],
    ['a payload', 'cannot score 12,3,450,BOS,DCA'],
  ])('%s', (leaked, text) => {
    expect(leaks([{ logGroup: 'group', text: 'all is well' }, { logGroup: 'group', text }], AIRPORTS).map((found) => found.leaked)).toContain(leaked);
  });
});
