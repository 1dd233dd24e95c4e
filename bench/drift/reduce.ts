import { execFileSync } from 'node:child_process';
import { benchData } from './data';
import { bundle, statisticsOf } from './prepare';

/**
 * What adding up a day of shards takes of `reduce-scan`'s 15 minutes and 2,048 MB: `npm run bench:drift:reduce [-- --json]`. The processor's time
 * is measured on this machine; what S3 takes is calculated from the bytes and the number of reads. Fails where a function would not suffice.
 */

const CASES = [[20, 2_088], [50, 2_088], [50, 20_000], [500, 2_088]] as const;
/** Rows of the shard whose counts are added up; their number does not change the size. */
const ROWS = 20_000;
/** Assumed of S3 and one function; the reads under way at a time are those of windowCounts. */
const BYTES_PER_SECOND = 70e6;
const SECONDS_PER_READ = 0.05;
const READS_AT_ONCE = 32;
const LIMIT_SECONDS = 900;
const LIMIT_MB = 2048;

interface Measured {
  readonly shardBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly seconds: number;
  readonly peakRssMb: number;
}

async function main(): Promise<void> {
  const worker = bundle('reduce-worker');
  const figures = [];
  for (const [features, shards] of CASES) {
    const data = benchData(ROWS, features);
    const args = [worker, await statisticsOf(data, features), data.capture, String(shards)];
    const measured = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measured;
    const s3Seconds = (measured.readBytes + measured.writtenBytes) / BYTES_PER_SECOND + (shards * SECONDS_PER_READ) / READS_AT_ONCE;
    figures.push({ features, shards, ...measured, s3Seconds });
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
  else {
    for (const { features, shards, shardBytes, readBytes, seconds, s3Seconds, peakRssMb } of figures) {
      console.log(`${features} features, ${shards.toLocaleString('en')} shards of ${(shardBytes / 1e3).toFixed(0)} KB: reading ${(readBytes / 1e9).toFixed(2)} GB ${s3Seconds.toFixed(0)} s (calculated), `
        + `adding up ${seconds.toFixed(1)} s of processor, peak RSS ${peakRssMb.toFixed(0)} MB`);
    }
  }
  if (figures.some(({ seconds, s3Seconds, peakRssMb }) => seconds + s3Seconds > LIMIT_SECONDS || peakRssMb > LIMIT_MB)) process.exitCode = 1;
}

void main();
