import { spawnSync } from 'node:child_process';
import * as path from 'node:path';

/** Why Python with these modules cannot be asked; undefined if it can. */
export function missingModules(...modules: readonly string[]): string | undefined {
  const { status, error } = spawnSync('python3', ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
  if (error !== undefined) return 'python3 is not installed';
  return status === 0 ? undefined : `python3 is installed without ${modules.join(' or ')}`;
}

/** A suite that needs those modules, or one skipped test that says why there is none. */
export function describeWith(modules: readonly string[], name: string, suite: () => void): void {
  const reason = missingModules(...modules);
  if (reason === undefined) describe(name, suite);
  else test.skip(`${name}: ${reason}`, () => undefined);
}

export const scriptAt = (name: string) => path.join(__dirname, name);
