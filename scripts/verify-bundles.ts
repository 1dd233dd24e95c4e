/**
 * Builds all bundles twice, in two folders, and compares their bytes: here, where jsii may have written a tsconfig.json, and in a copy of the
 * sources that has none. An asset hash that depended on the folder or on an earlier build would deploy functions that did not change.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { bundleCommandLine, bundleHandlers } from './bundle/bundles';

const ROOT = path.join(__dirname, '..');
const SOURCES = ['bin', 'lambda', 'lib', 'package.json'];

async function hashesIn(root: string): Promise<Map<string, string>> {
  const files = [await bundleHandlers(root), await bundleCommandLine(root)].flatMap(({ outputFiles }) => outputFiles);
  return new Map(files.map((file) => [path.relative(root, file.path), createHash('sha256').update(file.contents).digest('hex')]));
}

async function main(): Promise<void> {
  const copy = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-bundles-'));
  try {
    for (const name of SOURCES) cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
    const [here, there] = [await hashesIn(ROOT), await hashesIn(copy)];
    const different = [...here].filter(([file, hash]) => there.get(file) !== hash).map(([file]) => file);
    const where = existsSync(path.join(ROOT, 'tsconfig.json')) ? 'with the tsconfig.json of jsii' : 'without a tsconfig.json';
    console.log(`${here.size} bundles built here (${where}) and in another folder: ${different.length} differ${different.length > 0 ? `: ${different.join(', ')}` : ''}`);
    process.exitCode = different.length > 0 || here.size !== there.size ? 1 : 0;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

void main();
