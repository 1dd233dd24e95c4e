import { measureScan, type ScanFigures } from '../../scripts/scale/figures';
import { overADay, ScaleScene, type Scan } from '../../scripts/scale/scene';
import type { LambdaService } from '../../twin/services/lambda';
import type { CallRequest } from '../../twin';

/** A billion requests a day are 87 shards of 256 MiB an hour, 2,088 a day; docs/drift-at-scale.md. */
const SHARDS_PER_HOUR = 87;
const SHARDS_PER_DAY = 2088;

/** Shards of one row each: what is played is their number, within the limits of Step Functions and Lambda that the twin enforces. */
describe('monitoring at scale', () => {
  let scene: ScaleScene;
  beforeAll(async () => { scene = await ScaleScene.open(); }, 180_000);
  afterAll(() => scene?.close());

  const rowsAfter = async (figures: ScanFigures) => ({ status: figures.status, reason: figures.reason, rows: figures.rows });
  const succeeded = (rows: number) => ({ status: 'SUCCEEDED', reason: undefined, rows });

  test('a day\'s backlog of a billion requests is scanned at once, and the state stays small', async () => {
    await scene.capture(overADay(SHARDS_PER_DAY));
    const { scan, ...figures } = await measureScan(scene);
    expect(await rowsAfter(figures)).toEqual(succeeded(SHARDS_PER_DAY));
    expect(figures.shards).toBe(SHARDS_PER_DAY);
    expect(figures.peakStateBytes).toBeLessThan(4096);
    expect(await scene.scanFile(scan, 'shards.json')).toHaveLength(SHARDS_PER_DAY);
    const { ResultFiles } = await scene.scanFile(scan, 'manifest.json');
    expect(ResultFiles).toMatchObject({ FAILED: [], PENDING: [] });
    expect(await scene.scanFile(scan, 'SUCCEEDED_0.json')).toHaveLength(SHARDS_PER_DAY);
    // Each accumulator is read once, and an hour's sum is kept.
    expect(figures.calls).toMatchObject({ 'Scan s3:PutObject': SHARDS_PER_DAY, 'Reduce s3:PutObject': 24 + 3 });
  }, 240_000);

  test('the next hour reads its own shards and one file for each hour before', async () => {
    await scene.capture([SHARDS_PER_HOUR]);
    const figures = await measureScan(scene);
    expect(await rowsAfter(figures)).toEqual(succeeded(SHARDS_PER_DAY));
    expect(figures.calls['Reduce s3:GetObject']).toBeLessThanOrEqual(SHARDS_PER_HOUR + 24);
  }, 60_000);

  test('a file that comes late is added to the sum of its hour', async () => {
    const { rows } = await scene.newestReport();
    const { loop } = scene;
    await scene.capture([0]);
    const [late] = (await loop.account.keys(scene.capturedBucket, 'capture/')).filter((key) => key.endsWith('000000.jsonl')).slice(-3);
    const { Body } = await loop.call('s3', 'GetObject', { Bucket: scene.capturedBucket, Key: late! });
    await loop.account.upload(scene.capturedBucket, late!.replace('000000.jsonl', 'late.jsonl'), Body);
    const figures = await measureScan(scene);
    // The hour that left the window, and the file.
    expect(await rowsAfter(figures)).toEqual(succeeded(rows - SHARDS_PER_HOUR + 1));
    expect(figures.calls['Reduce s3:GetObject']).toBeLessThanOrEqual(25);
  }, 60_000);

  test('a shard that fails fails the scan, which says so, and the next scan counts it once', async () => {
    await scene.pause();
    await scene.capture([20]);
    const broken = ({ caller, service, operation, input }: CallRequest) => service === 's3' && operation === 'GetObject'
      && caller.kind === 'role' && caller.roleArn.includes('MonitorScanRole') && String(input.Key).endsWith('000007.jsonl');
    const failed = await scene.mishaps.during('server-error', broken, () => scene.nextScan());
    expect(failed).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    const [entry] = (await scene.scanFile(failed, 'FAILED_0.json')).filter(({ Status }: { Status: string }) => Status === 'FAILED');
    expect(JSON.parse(entry.Input).shard.id).toMatch(/^0-7-20-20$/);
    expect(entry.Cause).toContain('InternalError');
    await scene.capture([0]);
    expect(await rowsAfter(await measureScan(scene))).toEqual(succeeded(20));
  }, 60_000);

  test('a file that is gone before it could be scanned is reported as lost, and holds up no later scan', async () => {
    await scene.pause();
    await scene.capture([30]);
    const { loop } = scene;
    const reads = ({ caller, service, operation }: CallRequest) => service === 's3' && operation === 'GetObject'
      && caller.kind === 'role' && caller.roleArn.includes('MonitorScanRole');
    expect(await scene.mishaps.during('server-error', reads, () => scene.nextScan())).toMatchObject({ status: 'FAILED' });
    const Key = (await loop.account.keys(scene.capturedBucket, 'capture/')).filter((key) => key.endsWith('000012.jsonl')).at(-1)!;
    await loop.call('s3', 'DeleteObject', { Bucket: scene.capturedBucket, Key });
    await scene.capture([0]);
    expect(await rowsAfter(await measureScan(scene))).toEqual(succeeded(29));
    expect(await scene.newestReport()).toMatchObject({ rejected: 1, rejects: { 'missing-object': { count: 1, samples: [{ object: Key, offset: 0 }] } } });
  }, 60_000);

  test('scans that overlap count nothing twice', async () => {
    await scene.pause();
    await scene.capture([0, 30]);
    const { loop, stateMachineArn } = scene;
    const since = loop.now;
    await loop.advance(9);
    const scheduledAt = new Date(since + 10 * 60_000).toISOString();
    for (const name of ['by-hand', 'by-hand-too']) await loop.call('states', 'StartExecution', { stateMachineArn, name, input: JSON.stringify({ scheduledAt }) });
    await loop.advance(15);
    const scans = await scene.scans(since);
    expect(scans.map(({ status }: Scan) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(await scene.newestReport()).toMatchObject({ rows: 30, coverage: 1 });
  }, 60_000);

  test('an account with few concurrent functions takes its time', async () => {
    await scene.pause();
    await scene.capture([60]);
    const lambda = scene.loop.twin.service<LambdaService>('lambda');
    lambda.accountConcurrency = 5;
    const figures = await measureScan(scene);
    lambda.accountConcurrency = 1000;
    expect(await rowsAfter(figures)).toEqual(succeeded(60));
    expect(figures.calls['Workflow lambda:Invoke']).toBeGreaterThan(62);
  }, 60_000);

  test('after a pause longer than a scan can make up for, it says so, and later scans do the rest', async () => {
    await scene.update({ drift: { scanConcurrency: 1 } });
    await scene.pause();
    // 225 shards of one function, one after another.
    await scene.capture([...overADay(0).slice(0, 20), 100, 100, 100, 50]);
    const first = await measureScan(scene);
    expect(await rowsAfter(first)).toEqual({ ...succeeded(150) });
    expect(first.shards).toBe(225);
    expect(first.coverage).toBeCloseTo(2 / 24, 3);
    expect(await scene.newestReport()).toMatchObject({ state: 'insufficient', reason: expect.stringContaining('8.3 % of the window has been scanned') });
    await scene.capture([0]);
    const second = await measureScan(scene);
    expect(second.shards).toBe(125);
    expect(await rowsAfter(second)).toEqual(succeeded(350));
    expect(second.coverage).toBe(1);
  }, 120_000);
});
