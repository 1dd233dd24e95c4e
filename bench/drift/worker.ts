import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { Baseline, encodeAccumulator, parseBaseline, scanCapture } from '../../lambda/core';
import { search } from '../../lambda/core/statistics/bins';
import { mutatedCapture } from './mutations';

/** One way to work through a capture file, in a process of its own: `node worker.js <variant> <capture> <statistics> <times>`. */

const CHUNK = 256 * 1024;
const MUTATED_LINES = 1_000_000;

/** The engine: everything the scan handler does with an object's bytes. */
async function engine(capture: string, baseline: Baseline, times: number): Promise<number> {
  const accumulator = await scanCapture({ layout: baseline, object: { key: capture, version: '1' }, bytes: repeated(capture, times) });
  encodeAccumulator(accumulator);
  return accumulator.rows;
}

/** A million lines of which half are damaged: each must be counted or rejected, whatever it holds. */
async function mutations(_: string, baseline: Baseline): Promise<number> {
  const accumulator = await scanCapture({ layout: baseline, object: { key: 'mutated', version: '1' }, bytes: mutatedCapture(MUTATED_LINES, baseline.columns.length - 1) });
  return accumulator.rows + accumulator.rejects.total;
}

/** The file's bytes so many times over, as one long object; read into one buffer, so that little but the work itself is measured. */
async function* repeated(capture: string, times: number): AsyncIterable<Uint8Array> {
  const buffer = Buffer.alloc(CHUNK);
  for (let i = 0; i < times; i++) {
    const file = openSync(capture, 'r');
    try {
      for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) yield buffer.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }
}

async function eachLine(capture: string, take: (line: string) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of repeated(capture, 1)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      take(bytes.toString('utf8', from, end));
      from = end + 1;
    }
    rest = Buffer.from(bytes.subarray(from));
  }
}

/** The floor of every design that parses: each line is read and given to JSON.parse, nothing else. */
async function parseOnly(capture: string): Promise<number> {
  let rows = 0;
  await eachLine(capture, (line) => {
    JSON.parse(line);
    rows++;
  });
  return rows;
}

interface Line {
  captureData: { endpointInput: { data: string }; endpointOutput: { data: string } };
}

/** What a careful programmer writes at first: parse, split or parse again, and count in 64 bins by binary search. */
function clean(json: boolean): (capture: string, baseline: Baseline) => Promise<number> {
  return async (capture, baseline) => {
    const edges = baseline.columns.map(({ bins }) => (bins.kind === 'ordinal' ? bins.edges.filter((_, i) => i % Math.ceil(bins.edges.length / 64) === 0) : new Float64Array(0)));
    const counts = edges.map((column) => new Float64Array(column.length + 1));
    const names = baseline.columns.slice(0, -1).map(({ name }) => name);
    let rows = 0;
    await eachLine(capture, (line) => {
      const { captureData } = JSON.parse(line) as Line;
      const { data } = captureData.endpointInput;
      const parsed = json ? JSON.parse(data) as Record<string, number> : undefined;
      const values = parsed ? names.map((name) => parsed[name]!) : data.split(',').map(Number);
      values.push(json ? (JSON.parse(captureData.endpointOutput.data) as { score: number }).score : Number(captureData.endpointOutput.data));
      values.forEach((value, i) => { counts[i]![search(edges[i]!, value)]!++; });
      rows++;
    });
    return rows;
  };
}

/** JSON payloads without any counting: the record parsed, and the payload in it. */
async function parseTwice(capture: string): Promise<number> {
  let rows = 0;
  await eachLine(capture, (line) => {
    const { captureData } = JSON.parse(line) as Line;
    JSON.parse(captureData.endpointInput.data);
    rows++;
  });
  return rows;
}

const VARIANTS: Record<string, (capture: string, baseline: Baseline, times: number) => Promise<number>> = {
  engine, mutations, 'parse-only': parseOnly, 'clean-stream': clean(false), 'clean-json': clean(true), 'parse-twice': parseTwice,
};

/** The process's own peak; `resourceUsage` on Linux starts from what the parent had. */
function peakRssMb(): number {
  const peak = process.platform === 'linux' ? /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : undefined;
  return (peak === undefined ? process.resourceUsage().maxRSS : Number(peak)) / 1024;
}

/** Processor seconds, not the clock's: other work on the machine does not count. */
async function main([variant, capture, statistics, times]: string[]): Promise<void> {
  const baseline = parseBaseline(readFileSync(statistics!, 'utf8'));
  const start = process.cpuUsage();
  const rows = await VARIANTS[variant!]!(capture!, baseline, Number(times));
  const { user, system } = process.cpuUsage(start);
  process.stdout.write(JSON.stringify({ rows, seconds: (user + system) / 1e6, peakRssMb: peakRssMb() }));
}

void main(process.argv.slice(2));
