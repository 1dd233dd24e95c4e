/**
 * The scan at scale: as many shards as the calculation in docs/drift-at-scale.md has, planned, scanned and reduced on the twin within the
 * limits of Step Functions and Lambda that it enforces. The shards hold one row each; what is replayed is their number.
 *
 *     npm run verify:scale [-- --shards 2088,20000] [--json]
 */
import { parseArgs } from 'node:util';
import { measureScan, type ScanFigures } from './scale/figures';
import { overADay, ScaleScene } from './scale/scene';

/** A billion requests a day, in shards of an hour; docs/drift-at-scale.md. */
const SHARDS_PER_HOUR = 87;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { shards: { type: 'string', default: '2088,20000' }, json: { type: 'boolean', default: false } } });
  const counts = values.shards.split(',').map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count >= 2 * SHARDS_PER_HOUR)) {
    console.error(`usage: npm run verify:scale -- [--shards N,N…, each at least ${2 * SHARDS_PER_HOUR}] [--json]`);
    return 2;
  }
  const say = (line: string) => { if (!values.json) console.log(line); };
  const scene = await ScaleScene.open(say);
  const results: Array<ScanFigures & { readonly title: string; readonly expected: number }> = [];
  try {
    for (const count of counts) {
      await scene.pause();
      await scene.capture(overADay(count));
      results.push({ title: `a day's backlog of ${count.toLocaleString('en')} shards`, expected: count, ...await measured(scene) });
      say(told(results.at(-1)!));
      const oldest = overADay(count)[0]!;
      await scene.capture([SHARDS_PER_HOUR]);
      results.push({ title: `the hour after it, ${SHARDS_PER_HOUR} shards`, expected: count - oldest + SHARDS_PER_HOUR, ...await measured(scene) });
      say(told(results.at(-1)!));
    }
  } finally {
    await scene.close();
  }
  if (values.json) console.log(JSON.stringify(results, null, 2));
  const broken = results.filter(({ status, rows, expected, peakStateBytes, stateLimit }) => status !== 'SUCCEEDED' || rows !== expected || peakStateBytes > stateLimit);
  for (const { title, status, reason, rows, expected } of broken) console.error(`${title}: ${status}${reason === undefined ? '' : `, ${reason}`}; ${rows} rows counted, ${expected} captured`);
  return broken.length === 0 ? 0 : 1;
}

async function measured(scene: ScaleScene): Promise<ScanFigures> {
  const { scan: _scan, ...figures } = await measureScan(scene);
  return figures;
}

function told({ title, status, shards, peakStateBytes, stateLimit, calls, wallSeconds, rows }: ScanFigures & { title: string }): string {
  const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
  const all = Object.values(calls).reduce((sum, count) => sum + count, 0);
  return [
    `${title}: ${status}`,
    `  ${number(shards)} shards scanned by the map, ${number(rows)} rows in the report`,
    `  peak state ${number(peakStateBytes)} of ${number(stateLimit)} bytes`,
    `  ${number(all)} calls in ${number(wallSeconds)} s of this machine's time`,
    ...Object.entries(calls).map(([name, count]) => `    ${name} ${number(count)}`),
  ].join('\n');
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
