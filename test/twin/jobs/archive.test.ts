import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { tarGz, untar } from '../../../twin/jobs/archive';

const long = `${'very-long-folder-name/'.repeat(8)}file.txt`;
const files = [
  { path: 'a.txt', content: Buffer.from('alpha'), executable: false },
  { path: 'bin/run', content: Buffer.from('#!/bin/sh\n'), executable: true },
  { path: long, content: Buffer.alloc(1500, 'x'), executable: false },
  { path: 'ümlaut.txt', content: Buffer.alloc(0), executable: false },
];

const byPath = (entries: typeof files) => [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));

describe('tar archives', () => {
  test('come back as they were, and are the same whatever the order', () => {
    expect(byPath(untar(tarGz(files)) as typeof files)).toEqual(byPath(files));
    expect(tarGz([...files].reverse())).toEqual(tarGz(files));
  });

  test('can be read by tar, and read what tar and python write', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'twin-tar-'));
    writeFileSync(path.join(folder, 'ours.tar.gz'), tarGz(files));
    execFileSync('tar', ['xzf', 'ours.tar.gz'], { cwd: folder });
    execFileSync('tar', ['czf', 'theirs.tar.gz', './a.txt', 'bin', long], { cwd: folder });
    execFileSync('python3', ['-c', `import tarfile; t = tarfile.open('python.tar.gz', 'w:gz'); t.add('a.txt'); t.add(${JSON.stringify(long)})`], { cwd: folder });
    const read = (name: string) => untar(execFileSync('cat', [name], { cwd: folder }));
    expect(read('theirs.tar.gz').map((file) => file.path)).toEqual(['a.txt', 'bin/run', long]);
    expect(read('theirs.tar.gz')[1]!.executable).toBe(true);
    expect(read('python.tar.gz').map((file) => file.path)).toEqual(['a.txt', long]);
  });

  test('cannot be unpacked outside their folder', () => {
    expect(() => untar(tarGz([{ path: '../up', content: Buffer.alloc(0) }]))).toThrow('leads out of its folder');
    expect(() => untar(tarGz(files).subarray(0, 40))).toThrow();
  });
});
