import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');

/** Synthesizes the deployable app as `cdk synth` does, with this context on top of cdk.json's, into `output`. */
export function synthesizeApp(output: string, context: Record<string, string> = {}): void {
  const settings = JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  execFileSync(process.execPath, ['--import', 'tsx', path.join(ROOT, 'bin/app.ts')], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: output, CDK_CONTEXT_JSON: JSON.stringify({ ...settings.context, ...context }) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
