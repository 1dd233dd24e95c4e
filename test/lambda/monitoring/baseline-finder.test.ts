import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { S3Client } from '@aws-sdk/client-s3';
import { baselineFinder, type BaselinePlaces } from '../../../lambda/monitoring/scan/baseline-finder';
import { parseBaseline, serializeBaseline } from '../../../lambda/core';
import { baselineOf } from '../core/support';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

const PACKAGE = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/models/1';
const IMPORTED = { statisticsUri: 's3://old/job/statistics.json', constraintsUri: 's3://old/job/constraints.json' };

/** Files by their URI, and the statistics that the package names. */
function finder(files: Record<string, string>, statisticsUri?: string, imported?: BaselinePlaces['imported']) {
  const s3 = {
    send: async ({ input, constructor: { name } }: any) => {
      const uri = `s3://${input.Bucket}/${input.Key}`;
      if (name === 'PutObjectCommand') files[uri] = input.Body;
      else if (files[uri] === undefined) throw new Error('Access Denied');
      return { Body: { transformToByteArray: async () => Buffer.from(files[uri]!) } };
    },
  } as unknown as S3Client;
  const sagemaker = {
    send: async () => ({ DriftCheckBaselines: statisticsUri === undefined ? undefined : { ModelDataQuality: { Statistics: { S3Uri: statisticsUri } } } }),
  } as unknown as SageMakerClient;
  return baselineFinder(s3, sagemaker, { monitor: 'flights', artifactsBucket: 'artifacts', windowHours: 24, imported })(PACKAGE);
}

async function documents() {
  const { statistics, constraints, hash } = serializeBaseline(await baselineOf('x,c\n1,a\n2,b\n3,a\n4,b\n'));
  const foreign = JSON.stringify(JSON.parse(statistics), (key, value: unknown) => (key === 'cdk_mlops' ? undefined : value));
  return { statistics, constraints, hash, foreign };
}

test('a package\'s own baseline comes first', async () => {
  const { statistics, hash } = await documents();
  const uri = 's3://artifacts/runs/1/baseline/statistics.json';
  await expect(finder({ [uri]: statistics }, uri, IMPORTED)).resolves.toMatchObject({ statisticsUri: uri, baselineHash: hash });
});

test.each([['none', undefined], ['one elsewhere', 's3://theirs/statistics.json']])('a package with %s is judged by a copy of the imported one', async (_, own) => {
  const { foreign, constraints } = await documents();
  const files: Record<string, string> = { [IMPORTED.statisticsUri]: foreign, [IMPORTED.constraintsUri]: constraints };
  const found = await finder(files, own, IMPORTED) as { statisticsUri: string; baselineHash: string };
  expect(found.statisticsUri).toBe(`s3://artifacts/monitoring/flights/baselines/${found.baselineHash}/statistics.json`);
  const copy = parseBaseline(files[found.statisticsUri]!);
  expect(copy).toMatchObject({ hash: found.baselineHash, window: { lengthSeconds: 86_400, cellSeconds: 3600 } });
  // Another content is another baseline: counts of both are never mixed.
  files[IMPORTED.statisticsUri] = foreign.replace('"item_count":4', '"item_count":5');
  expect((await finder(files, own, IMPORTED) as { baselineHash: string }).baselineHash).not.toBe(found.baselineHash);
});

test('one that we wrote ourselves stays exact', async () => {
  const { statistics, hash } = await documents();
  await expect(finder({ 's3://old/ours.json': statistics }, undefined, { statisticsUri: 's3://old/ours.json' })).resolves.toMatchObject({ baselineHash: hash });
});

test.each([
  ['none', undefined, `${PACKAGE} was registered without a drift-check baseline; register it by the training workflow, or give the drift monitor an importedBaseline`],
  ['one elsewhere', 's3://theirs/statistics.json', `the baseline of ${PACKAGE} is s3://theirs/statistics.json, outside of the artifacts bucket; register it`],
])('without an imported baseline a package with %s cannot be judged, and why is said', async (_, own, reason) => {
  await expect(finder({}, own)).resolves.toEqual({ reason: expect.stringContaining(reason) });
});

test('an imported baseline that cannot be read is an error that names it', async () => {
  await expect(finder({}, undefined, { statisticsUri: 's3://old/gone.json' })).rejects.toThrow(
    /the imported baseline s3:\/\/old\/gone\.json cannot be read \(Error: Access Denied\); correct importedBaseline/);
});
