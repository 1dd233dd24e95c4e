import type { S3Client } from '@aws-sdk/client-s3';
import type { DatasetDescription } from '../../../../lib/data/resolve-dataset.contract';
import { RowParts } from '../../../../lambda/data/dataset/row-parts';

const dataset = { labelColumn: 'late', timeColumn: 'at', ignoredColumns: ['id'] } as unknown as DatasetDescription;

function parts() {
  const written = new Map<string, string>();
  const s3 = { send: async ({ input }: { input: { Key: string; Body: string } }) => { written.set(input.Key, input.Body); } } as unknown as S3Client;
  return { written, rows: new RowParts(s3, 'bucket', { of: 'holdout', prefix: 'rows/', requestsPrefix: 'requests/', dataset }) };
}

test('rows keep every column, requests the features alone, in the order of the first object', async () => {
  const { rows, written } = parts();
  await rows.add(['at', 'id', 'late', 'a', 'b'], ['t1', '7', '1', 'x', 'y, z']);
  await rows.add(['b', 'a', 'late', 'id', 'at'], ['q', 'p', '0', '8', 't2']);
  await rows.add(['b', 'a', 'late', 'id', 'at'], ['one\ntwo', 'p', '0', '9', 't3']);
  await rows.flush();
  expect(Object.fromEntries(written)).toEqual({
    'rows/part-00000.csv': 'at,id,late,a,b\nt1,7,1,x,"y, z"\nt2,8,0,p,q\nt3,9,0,p,"one\ntwo"\n',
    'requests/holdout-part-00000.csv': 'x,"y, z"\np,q\n',
  });
  expect(rows.unasked).toBe(1);
});

test('wide objects in another order come out in one', async () => {
  const { rows, written } = parts();
  const columns = ['late', ...Array.from({ length: 500 }, (_, i) => `feature-${i}`)];
  const reversed = [...columns].reverse();
  await rows.add(columns, columns.map((_, i) => String(i)));
  for (let row = 0; row < 2000; row++) await rows.add(reversed, reversed.map((_, i) => String(500 - i)));
  await rows.flush();
  const [header, ...lines] = written.get('rows/part-00000.csv')!.trimEnd().split('\n');
  expect(header).toBe(columns.join(','));
  expect(new Set(lines)).toEqual(new Set([columns.map((_, i) => String(i)).join(',')]));
});

test.each([
  ['has both', ['1', '0'], ['0', '1'], false], ['lacks one', ['1', '0'], ['0', '0'], true], ['is one of one', ['1', '1'], ['1'], false], ['is one of many', ['1', '2', '3'], ['1'], false],
])('a hold-out whose label %s', async (_, train, holdout, lacks) => {
  const [those, these] = [parts().rows, parts().rows];
  for (const label of train) await those.add(['late', 'a'], [label, 'x']);
  for (const label of holdout) await these.add(['late', 'a'], [label, 'x']);
  expect(these.lacksClassOf(those)).toBe(lacks);
});
