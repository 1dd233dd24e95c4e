import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { Accumulator, encodeAccumulator, parseBaseline, type ScanAudit, scanCapture } from '../../lambda/core';
import { bytesOf, filesOf } from './files';
import { Progress } from './progress';

export const SCAN_USAGE = `mlops drift scan <file or folder>... --baseline <statistics.json> --out <counts.bin>
    counts captured requests (.jsonl, or .jsonl.gz) over the baseline's bins; files of counts add up in 'report'
    --field <name>              the member of a JSON answer that holds the score
    --column <n>                the position of the score in a CSV answer, from 0`;

const CAPTURES = /\.jsonl(\.gz)?$/;

export async function scan(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { baseline: { type: 'string' }, out: { type: 'string' }, field: { type: 'string' }, column: { type: 'string' } },
  });
  if (values.baseline === undefined) throw new Error('--baseline is missing; give the statistics.json that \'mlops drift baseline\' wrote');
  if (values.out === undefined) throw new Error('--out is missing; give the file to write the counts to');
  const column = values.column === undefined ? undefined : Number(values.column);
  if (column !== undefined && !(Number.isInteger(column) && column >= 0)) throw new Error(`--column is '${values.column}'; give a position from 0`);
  const layout = parseBaseline(readFileSync(values.baseline, 'utf8'));
  const files = filesOf(positionals, CAPTURES);
  const progress = new Progress('scan', files.reduce((sum, file) => sum + statSync(file).size, 0));
  const sum = Accumulator.empty(layout);
  const audits: ScanAudit[] = [];
  const start = performance.now();
  for (const file of files) {
    const key = path.resolve(file);
    const version = String(statSync(file).mtimeMs);
    sum.merge(await scanCapture({
      layout, object: { key, version }, bytes: bytesOf(file, progress), prediction: { field: values.field, column }, onAudit: (audit) => audits.push(audit),
    }));
  }
  progress.finish();
  const seconds = (performance.now() - start) / 1000;
  mkdirSync(path.dirname(values.out), { recursive: true });
  writeFileSync(values.out, encodeAccumulator(sum));
  console.log(`${sum.rows} rows in ${seconds.toFixed(1)} s, ${sum.rejects.total} records rejected; counts in ${values.out}`);
  for (const [reason, { count, samples }] of Object.entries(sum.rejects.toJSON())) {
    console.log(`  ${count} ${reason}, the first at byte ${samples[0]!.offset} of ${samples[0]!.object}`);
  }
  const mismatches = audits.reduce((all, audit) => all + audit.mismatches, 0);
  if (mismatches > 0) console.error(`the fast way of counting differed from the plain one on a sample of lines, and was switched off; please report this`);
  return 0;
}
