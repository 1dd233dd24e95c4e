import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../../lambda/core/random';

/** Bench data, made once and kept in the temporary directory: the same bytes on every machine. */
export interface BenchData {
  readonly capture: string;
  readonly training: string;
  readonly rows: number;
  readonly bytes: number;
}

export type Format = 'csv' | 'json';

const TRAINING_ROWS = 50_000;

export function benchData(rows: number, features = 20, format: Format = 'csv'): BenchData {
  const folder = join(tmpdir(), 'cdk-mlops-bench');
  mkdirSync(folder, { recursive: true });
  const capture = join(folder, `capture-2-${format}-${features}-${rows}.jsonl`);
  const training = join(folder, `training-2-${features}.csv`);
  if (!existsSync(training)) writeTraining(training, features);
  if (!existsSync(capture)) writeCapture(capture, rows, features, format);
  return { capture, training, rows, bytes: statSync(capture).size };
}

/** Draws one value of a feature; the kinds take turns. */
function draw(feature: number, random: () => number): string {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  switch (feature % 5) {
    case 0:
      return String(normal() * 10);
    case 1:
      return Math.exp(normal()).toFixed(6);
    case 2:
      return String(Math.floor(random() * 90));
    case 3:
      return random() < 0.6 ? '0' : (-Math.log(1 - random()) * 40).toFixed(3);
    default:
      // What Python prints for a 32-bit float: 17 or 18 digits.
      return String(Math.fround(random()));
  }
}

function writeTraining(path: string, features: number): void {
  const random = seededRandom(7);
  const names = Array.from({ length: features }, (_, i) => `f${i}`);
  const lines = [[...names, 'prediction'].join(',')];
  for (let row = 0; row < TRAINING_ROWS; row++) lines.push([...names.map((_, i) => draw(i, random)), random().toFixed(6)].join(','));
  writeFileSync(path, `${lines.join('\n')}\n`);
}

function writeCapture(path: string, rows: number, features: number, format: Format): void {
  const random = seededRandom(11);
  const type = format === 'csv' ? 'text/csv' : 'application/json';
  const encoding = format.toUpperCase();
  const file = openSync(`${path}.part`, 'w');
  let lines: string[] = [];
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length: features }, (_, i) => draw(i, random));
    const input = format === 'csv' ? values.join(',') : `{${values.map((value, i) => `"f${i}":${value}`).join(',')}}`;
    const output = random().toFixed(6);
    const time = new Date(Date.UTC(2026, 1, 1) + Math.floor((row * 3_600_000) / rows)).toISOString().replace(/\.\d+Z/, 'Z');
    const id = `${String(row).padStart(8, '0')}-5f3a-4c1d-9e77-${String(Math.floor(random() * 1e12)).padStart(12, '0')}`;
    lines.push(`{"captureData":{"endpointInput":{"observedContentType":"${type}","mode":"INPUT","data":${JSON.stringify(input)},"encoding":"${encoding}"},`
      + `"endpointOutput":{"observedContentType":"${type}; charset=utf-8","mode":"OUTPUT","data":"${format === 'csv' ? output : `{\\"score\\":${output}}`}","encoding":"${encoding}"}},`
      + `"eventMetadata":{"eventId":"${id}","inferenceTime":"${time}"},"eventVersion":"0"}\n`);
    if (lines.length === 10_000 || row === rows - 1) {
      writeSync(file, lines.join(''));
      lines = [];
    }
  }
  closeSync(file);
  renameSync(`${path}.part`, path);
}
