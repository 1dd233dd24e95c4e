import type { S3Client } from '@aws-sdk/client-s3';
import { Accumulator, decodeAccumulator, encodeAccumulator, scanCapture, type Baseline } from '../../../lambda/core';
import { HourLedger } from '../../../lambda/monitoring/scan/ledger';
import { windowCounts } from '../../../lambda/monitoring/scan/window-counts';
import { ACCUMULATOR_FILES } from '../../../lib/monitoring/drift-monitor.contract';
import { baselineOf, captureLine, chunks } from '../core/support';

/* eslint-disable @typescript-eslint/no-explicit-any -- calls have the shapes of the AWS SDK */

const FOLDER = 'monitoring/m/accumulators/hash/';
const HOURS = ['2026-02-01T10', '2026-02-01T11', '2026-02-01T12'];
const CSV = `x,c\n${Array.from({ length: 200 }, (_, row) => `${Math.sin(row) * 10},${'abc'[row % 3]}`).join('\n')}\n`;

let baseline: Baseline;
beforeAll(async () => { baseline = await baselineOf(CSV); });

/** A bucket with these shards in each hour, and who reads and writes it. */
class Bucket {
  readonly files = new Map<string, Uint8Array>();
  readonly calls: string[] = [];
  readonly s3 = {
    send: async ({ input, constructor: { name } }: any) => {
      this.calls.push(`${name.slice(0, 3)} ${input.Key.slice(FOLDER.length)}`);
      if (name === 'PutObjectCommand') this.files.set(input.Key, input.Body);
      return { Body: { transformToByteArray: async () => this.files.get(input.Key) } };
    },
  } as unknown as S3Client;

  async addPlan(hour: string, plan: number, shards: number): Promise<void> {
    const at = `${FOLDER}${ACCUMULATOR_FILES.folder(hour)}`;
    this.files.set(`${at}${ACCUMULATOR_FILES.plan(plan)}`, new Uint8Array());
    for (let index = 0; index < shards; index++) {
      const lines = Array.from({ length: 3 }, (_, row) => captureLine({
        input: row === 2 ? 'damaged' : `${Math.cos(plan * 100 + index * 10 + row) * 1e3 / 3},${'abcd'[index % 4]}`, time: `${hour}:0${row}:00Z`,
      })).join('\n');
      const counted = await scanCapture({ layout: baseline, object: { key: `${hour}-${plan}-${index}`, version: 'v' }, bytes: chunks(`${lines}\n`, 1000) });
      this.files.set(`${at}${ACCUMULATOR_FILES.accumulator(ACCUMULATOR_FILES.shardId(plan, index, shards, shards))}`, encodeAccumulator(counted));
    }
  }

  get ledgers(): Map<string, HourLedger> {
    const ledgers = new Map(HOURS.map((hour) => [hour, new HourLedger()]));
    for (const key of this.files.keys()) ledgers.get(HOURS.find((hour) => key.includes(ACCUMULATOR_FILES.folder(hour)))!)!.note(key);
    return ledgers;
  }

  /** All shards added up one after another. */
  inOneGo(): Uint8Array {
    const sum = new Accumulator(baseline);
    for (const hour of this.ledgers.values()) for (const key of hour.counts) sum.merge(decodeAccumulator(this.files.get(key)!, baseline));
    return encodeAccumulator(sum);
  }

  async reduced(): Promise<Uint8Array> {
    this.calls.length = 0;
    return encodeAccumulator(await windowCounts(this.s3, 'artifacts')(this.ledgers, FOLDER, baseline));
  }
}

test('two levels give the bits of one go, however many hours are summed already', async () => {
  const bucket = new Bucket();
  await bucket.addPlan(HOURS[0]!, 0, 7);
  await bucket.addPlan(HOURS[1]!, 0, 1);
  await bucket.addPlan(HOURS[2]!, 0, 40);
  const expected = bucket.inOneGo();
  expect(await bucket.reduced()).toEqual(expected);
  expect(bucket.calls.filter((call) => call.startsWith('Put'))).toEqual(['Put 2026-02-01/10/sum-1.bin', 'Put 2026-02-01/12/sum-1.bin']);
  // From now on an hour is one file.
  expect(await bucket.reduced()).toEqual(expected);
  expect(bucket.calls).toEqual(['Get 2026-02-01/10/sum-1.bin', 'Get 2026-02-01/11/0-0-1-1.bin', 'Get 2026-02-01/12/sum-1.bin']);
});

test('a late plan is added to the sum, whose bits are those of one go', async () => {
  const bucket = new Bucket();
  for (const hour of HOURS) await bucket.addPlan(hour, 0, 5);
  await bucket.reduced();
  const all = new Bucket();
  for (const hour of HOURS) await all.addPlan(hour, 0, 5);
  for (const each of [bucket, all]) await each.addPlan(HOURS[1]!, 1, 2);
  expect(await bucket.reduced()).toEqual(all.inOneGo());
  expect(bucket.calls.filter((call) => call.includes('/11/'))).toEqual([
    'Get 2026-02-01/11/sum-1.bin', 'Get 2026-02-01/11/1-0-2-2.bin', 'Get 2026-02-01/11/1-1-2-2.bin', 'Put 2026-02-01/11/sum-2.bin',
  ]);
});

test('a warm function reads an hour once', async () => {
  const bucket = new Bucket();
  await bucket.addPlan(HOURS[0]!, 0, 1);
  const reduce = windowCounts(bucket.s3, 'artifacts');
  await reduce(bucket.ledgers, FOLDER, baseline);
  await reduce(bucket.ledgers, FOLDER, baseline);
  expect(bucket.calls).toEqual(['Get 2026-02-01/10/0-0-1-1.bin']);
});

test('an hour without traffic adds nothing', async () => {
  expect(await new Bucket().reduced()).toEqual(encodeAccumulator(new Accumulator(baseline)));
});
