import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { drift } from '../../bin/drift/drift';
import { Progress } from '../../bin/drift/progress';
import { captureLine } from '../lambda/core/support';

let folder: string;
let printed: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'drift-'));
  printed = [];
  for (const method of ['log', 'error'] as const) jest.spyOn(console, method).mockImplementation((...texts: unknown[]) => { printed.push(texts.join(' ')); });
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const at = (...names: string[]) => path.join(folder, ...names);

async function trained(): Promise<void> {
  const rows = Array.from({ length: 3000 }, (_, i) => `${i % 97},${'abc'[i % 3]},${i % 2},${((i * 7) % 100) / 100}`);
  writeFileSync(at('train.csv.gz'), gzipSync(['x,c,label,score', ...rows].join('\n')));
  expect(await drift(['baseline', at('train.csv.gz'), '--label', 'label', '--prediction', 'score', '--out', at('base')])).toBe(0);
}

function captured(hour: string, shift: number): void {
  const lines = Array.from({ length: 2000 }, (_, i) => captureLine({
    input: `${(i % 97) + shift},${'abc'[i % 3]}`, output: String(((i * 7) % 100) / 100), time: `2026-02-01T${hour}:${String(i % 60).padStart(2, '0')}:00Z`,
  }));
  mkdirSync(at('capture', '2026', '02', '01', hour), { recursive: true });
  writeFileSync(at('capture', '2026', '02', '01', hour, 'part.jsonl'), [...lines, '{"broken'].join('\n'));
}

const onCounts = (...args: string[]) => drift(['report', at('counts.bin'), '--baseline', at('base', 'statistics.json'), '--out', at('report'), ...args]);
const scanned = () => drift(['scan', at('capture'), '--baseline', at('base', 'statistics.json'), '--out', at('counts.bin')]);
const readReport = () => JSON.parse(readFileSync(at('report', 'report.json'), 'utf8')) as { state: string; window: unknown; rows: number; features: Array<{ name: string; state: string }> };

test('traffic like the training data does not drift', async () => {
  await trained();
  captured('13', 0);
  captured('14', 0);
  expect(await scanned()).toBe(0);
  expect(await onCounts()).toBe(0);
  expect(readReport()).toMatchObject({ state: 'ok', rows: 4000, window: { start: '2026-02-01T13:00:00.000Z', end: '2026-02-01T15:00:00.000Z' } });
  expect(printed.join('\n')).toContain('2 not-json, the first at byte');
  expect(readFileSync(at('report', 'report.html'), 'utf8')).toContain('<svg');
});

test('shifted traffic drifts, and the exit code says so', async () => {
  await trained();
  captured('13', 40);
  await scanned();
  expect(await onCounts()).toBe(3);
  expect(readReport().features.find(({ name }) => name === 'x')!.state).toBe('drift');
  expect(JSON.parse(readFileSync(at('report', 'constraint_violations.json'), 'utf8'))).toMatchObject({ violations: [{ feature_name: 'x', constraint_check_type: 'baseline_drift_check' }] });
});

test('another tool\'s rule gives that tool\'s verdict', async () => {
  await trained();
  captured('13', 40);
  await scanned();
  // One of two features is half of them; under NannyML's rule nothing can be said, since the training data had no times.
  expect(await onCounts('--preset', 'evidently')).toBe(3);
  expect(readReport()).toMatchObject({ state: 'drift', preset: 'evidently' });
  expect(await onCounts('--preset', 'nannyml')).toBe(3);
  expect(readReport()).toMatchObject({ state: 'insufficient', preset: 'nannyml' });
  expect(await onCounts('--preset', 'whylogs')).toBe(2);
  expect(printed.join('\n')).toContain('--preset is \'whylogs\'; give model-monitor, evidently, nannyml, or leave it out');
});

test('the files of model monitor make a baseline', async () => {
  await trained();
  const strip = (key: string, value: unknown): unknown => (key === 'cdk_mlops' ? undefined : value);
  writeFileSync(at('foreign.json'), JSON.stringify(JSON.parse(readFileSync(at('base', 'statistics.json'), 'utf8'), strip)));
  expect(await drift(['scan', at('foreign.json'), '--baseline', at('foreign.json'), '--out', at('x')])).toBe(2);
  expect(printed.join('\n')).toContain('mlops drift import');
  expect(await drift(['import', at('foreign.json'), '--constraints', at('base', 'constraints.json'), '--out', at('base')])).toBe(0);
  captured('13', 40);
  await scanned();
  expect(await onCounts()).toBe(3);
});

test.each<[string, string[], string]>([
  ['an unknown step', ['sacn'], "there is no step 'sacn'"],
  ['no files', ['baseline', '--out', 'x'], 'no files in nothing'],
  ['a file that is not there', ['baseline', 'nowhere.csv', '--out', 'x'], "there is no 'nowhere.csv'"],
  ['no output', ['baseline', 'nowhere.csv'], '--out is missing'],
  ['an unknown option', ['scan', '--bsaeline', 'x'], "Unknown option '--bsaeline'"],
  ['no window', ['baseline', 'x', '--out', 'x', '--window-hours', 'day'], "--window-hours is 'day'"],
  ['no baseline', ['report', 'x'], '--baseline is missing'],
])('%s is told without a stack', async (_, args, message) => {
  expect(await drift(args)).toBe(2);
  expect(printed.join('\n')).toContain(message);
  expect(printed.join('\n')).not.toMatch(/\n {4}at /);
});

test('the bar runs on a terminal only', () => {
  const written: string[] = [];
  const bar = (isTTY: boolean) => {
    const progress = new Progress('scan', 200, { isTTY, write: (text) => written.push(text) });
    progress.advance(100);
    progress.finish();
  };
  bar(false);
  expect(written).toEqual([]);
  bar(true);
  expect(written.map((text) => text.slice(-5))).toEqual([' 50 %', '100 %', '\n']);
});
