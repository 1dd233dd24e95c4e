import { spawnSync } from 'node:child_process';
import * as path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..', '..');

/** A small part of `npm run bench:drift:false-alarms`, on the same seeds; by itself, since counting under jest takes three times as long. */
test('production without drift rings no alarm, and the shifts of the study are found', () => {
  const { stdout, status } = spawnSync(path.join(ROOT, 'node_modules', '.bin', 'tsx'), ['bench/drift/false-alarms.ts', '--months', '3', '--days', '30'], { cwd: ROOT, encoding: 'utf8' });
  const verdicts = stdout.split('\n').filter((line) => /^ {2}(held|MISSED)/.test(line));
  expect(verdicts.filter((line) => line.includes('MISSED'))).toEqual([]);
  expect(verdicts).toHaveLength(7);
  expect(status).toBe(0);
}, 180_000);
