import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { readTemplate } from '../wires/assembly';

const ROOT = path.resolve(__dirname, '../..');

/** Synthesizes the app under fault into a folder of its own; `remove` deletes that. */
export function assembleFaultLoop(): { directory: string; remove(): void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-mlops-faults-'));
  const { context } = JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  execFileSync(process.execPath, ['--import', 'tsx', path.join(__dirname, 'app.ts')], {
    cwd: ROOT, env: { ...process.env, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) }, stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { directory, remove: () => { rmSync(directory, { recursive: true, force: true }); } };
}

/** Names of the handlers by the logical ids of their functions, as they call themselves in their logs. */
export function handlersOf(assembly: string): ReadonlyMap<string, string> {
  const handlers = new Map<string, string>();
  for (const [logicalId, { Type, Properties }] of Object.entries(readTemplate(assembly).template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const { S3Key } = (Properties as { Code: { S3Key: string } }).Code;
    const [, name] = /serviceName: ?"([a-z-]+)"/.exec(readFileSync(path.join(assembly, `asset.${path.parse(S3Key).name}`, 'index.js'), 'utf8')) ?? [];
    if (name === undefined) throw new Error(`the bundle of function ${logicalId} has no logger with a 'serviceName'; give it one, it is the handler's name`);
    handlers.set(logicalId, name);
  }
  return handlers;
}
