import { join } from 'node:path';
import { build, type BuildOptions, type BuildResult } from 'esbuild';
import { COMMAND_LINE, HANDLERS } from './handlers';

export type Bundles = BuildResult<{ metafile: true; write: false }>;

/** All handlers of the sources below `root`, as files below its `dist/lambda`. */
export function bundleHandlers(root: string, handlers: readonly string[] = HANDLERS, logLevel?: BuildOptions['logLevel']): Promise<Bundles> {
  return bundle(root, handlers.map((handler) => ({ in: `lambda/${handler}.ts`, out: `${handler}/index` })), join(root, 'dist', 'lambda'), logLevel);
}

/** The command line, as a file below `dist/bin`. */
export function bundleCommandLine(root: string): Promise<Bundles> {
  return bundle(root, [COMMAND_LINE], join(root, 'dist', 'bin'));
}

function bundle(root: string, entryPoints: Array<{ in: string; out: string }>, outdir: string, logLevel: BuildOptions['logLevel'] = 'warning'): Promise<Bundles> {
  return build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    legalComments: 'none',
    charset: 'utf8',
    // Otherwise esbuild would read the tsconfig.json that jsii writes, and give other bytes before than after a build.
    tsconfigRaw: { compilerOptions: { target: 'ES2022', strict: true } },
    metafile: true,
    write: false,
    logLevel,
  });
}
