import { createReadStream, readFileSync } from 'node:fs';
import type { S3Client } from '@aws-sdk/client-s3';
import { encodeAccumulator, parseBaseline, scanCapture } from '../../lambda/core';
import { ACCUMULATOR_FILES } from '../../lib/monitoring/drift-monitor.contract';
import { HourLedger } from '../../lambda/monitoring/scan/ledger';
import { windowCounts } from '../../lambda/monitoring/scan/window-counts';

/**
 * Adds up the shards of a day as `reduce-scan` does, in a process of its own: `node reduce-worker.js <statistics> <capture> <shards>`. S3 is a
 * client that answers at once, with the counts of one real shard under other names of objects each time.
 */

const HOURS = 24;
/** SageMaker's captured files have some 10 MB, a shard 256 MB. */
const OBJECTS_PER_SHARD = 26;
/** Stands for a shard's number in the names of its objects, so that no object is counted twice. */
const NUMBER = '0000000';

async function main(): Promise<void> {
  const [statistics, capture, shards] = [process.argv[2]!, process.argv[3]!, Number(process.argv[4])];
  const baseline = parseBaseline(readFileSync(statistics, 'utf8'));
  const counted = await scanCapture({ layout: baseline, object: { key: `rows-${NUMBER}-.jsonl`, version: '1' }, bytes: createReadStream(capture) });
  for (let object = 0; object < OBJECTS_PER_SHARD; object++) {
    const key = `capture/an-endpoint-with-a-usual-name/main/2026/02/01/00/00-00-000-${NUMBER}-5f3a4c1d-9e77-4000-8000-${String(object).padStart(12, '0')}.jsonl`;
    counted.addObject({ key, version: `"${'0'.repeat(32)}"`, start: 0, end: 10_000_000 });
  }
  const template = Buffer.from(encodeAccumulator(counted));
  const places = placesOf(template, NUMBER);
  let served = 0;
  let written = 0;
  const s3 = {
    send: async ({ input, constructor: { name } }: { input: { Key: string; Body?: Uint8Array }; constructor: { name: string } }) => {
      if (name === 'PutObjectCommand') {
        written += input.Body!.length;
        return {};
      }
      const number = String(++served).padStart(NUMBER.length, '0');
      const bytes = Buffer.from(template);
      for (const place of places) bytes.write(number, place, 'latin1');
      return { Body: { transformToByteArray: async () => bytes } };
    },
  } as unknown as S3Client;

  const folder = 'monitoring/bench/accumulators/hash/';
  const ledgers = new Map(Array.from({ length: HOURS }, (_, hour) => {
    const ledger = new HourLedger();
    const name = `2026-02-01T${String(hour).padStart(2, '0')}`;
    const count = Math.floor(((hour + 1) * shards) / HOURS) - Math.floor((hour * shards) / HOURS);
    const at = `${folder}${ACCUMULATOR_FILES.folder(name)}`;
    ledger.note(`${at}${ACCUMULATOR_FILES.plan(0)}`);
    for (let index = 0; index < count; index++) ledger.note(`${at}${ACCUMULATOR_FILES.accumulator(ACCUMULATOR_FILES.shardId(0, index, count, count))}`);
    return [name, ledger];
  }));
  const { rows: rowsOfOne } = counted;
  const cpu = process.cpuUsage();
  const sum = await windowCounts(s3, 'artifacts')(ledgers, folder, baseline);
  const { user, system } = process.cpuUsage(cpu);
  if (sum.rows !== shards * rowsOfOne) throw new Error(`${sum.rows} rows were added up, not ${shards} times ${rowsOfOne}`);
  process.stdout.write(JSON.stringify({
    shardBytes: template.length, readBytes: template.length * shards, writtenBytes: written, seconds: (user + system) / 1e6, peakRssMb: process.resourceUsage().maxRSS / 1024,
  }));
}

function placesOf(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(`-${text}-`); at >= 0; at = bytes.indexOf(`-${text}-`, at + 1)) places.push(at + 1);
  return places;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
