/**
 * Bundles every handler into `dist/lambda/<domain>/<handler>/index.js`, and the command line into `dist/bin/mlops.js`: one file each without
 * dependencies, the same bytes on every machine, so that consumers need neither esbuild nor Docker and asset hashes agree everywhere.
 *
 * `--available` bundles the handlers that build and lists the others, instead of failing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'fs';
import { dirname, join, relative } from 'path';
import { build, type BuildOptions, type Metafile } from 'esbuild';

const ROOT = join(__dirname, '..');
const OUTPUT = join(ROOT, 'dist', 'lambda');
const COMMAND_LINE = { in: 'bin/mlops.ts', out: 'mlops' };

/** Every handler by name. A file missing here is never shipped, and one missing on disk is an error. */
export const HANDLERS = [
  'data/resolve-dataset',
  'data/profile-data',
  'training/judge-candidate',
  'training/register-candidate',
  'delivery/approve-candidate',
  'delivery/start-release',
  'delivery/select-release',
  'serving/deploy-endpoint',
  'serving/probe-endpoint',
  'serving/retire-endpoint',
  'monitoring/plan-scan',
  'monitoring/scan-capture',
  'monitoring/reduce-scan',
  'monitoring/measure-quality',
  'monitoring/start-heartbeat',
  'monitoring/start-retraining',
] as const;

const bundleHandlers = (handlers: readonly string[], logLevel?: BuildOptions['logLevel']) =>
  bundle(handlers.map((handler) => ({ in: `lambda/${handler}.ts`, out: `${handler}/index` })), OUTPUT, logLevel);

async function bundle(entryPoints: Array<{ in: string; out: string }>, outdir: string, logLevel: BuildOptions['logLevel'] = 'warning'): Promise<Metafile> {
  const result = await build({
    absWorkingDir: ROOT,
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
    metafile: true,
    write: false,
    logLevel,
  });
  for (const file of result.outputFiles) writeIfChanged(file.path, file.text);
  return result.metafile;
}

/** A bundle that is being used is replaced at once or not at all. */
function writeIfChanged(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

/** Bundles of handlers that are no more. */
function removeStale(): void {
  if (!existsSync(OUTPUT)) return;
  for (const domain of readdirSync(OUTPUT)) {
    for (const handler of readdirSync(join(OUTPUT, domain))) {
      if (!HANDLERS.some((known) => known === `${domain}/${handler}`)) rmSync(join(OUTPUT, domain, handler), { recursive: true });
    }
  }
}

/** The folder of the installed package that a bundled file belongs to. */
function packageFolder(input: string): string | undefined {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
  return match?.[1];
}

/** Names, versions and licence texts of everything that went into a bundle. */
function notices(...metafiles: Metafile[]): string {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs));
  const used = new Set(outputs.flatMap((output) => Object.keys(output.inputs)));
  const folders = new Set([...used].map(packageFolder).filter((folder): folder is string => folder !== undefined));
  const entries = new Map<string, string>();
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(ROOT, folder)).find((name) => /^licen[cs]e(\.|$)/i.test(name));
    const text = file === undefined ? 'The package carries no licence text.' : readFileSync(join(ROOT, folder, file), 'utf8').trim();
    entries.set(`${manifest.name} ${manifest.version} (${manifest.license})`, text);
  }
  // Many packages share one text; each is printed once.
  const byText = new Map<string, string[]>();
  for (const [title, text] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) byText.set(text, [...(byText.get(text) ?? []), title]);
  const sections = [...byText].map(([text, titles]) => `${titles.join('\n')}\n\n${text}\n`);
  return `The bundled handlers and the command line contain the following third-party software.\n\n${sections.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

async function main(): Promise<void> {
  removeStale();
  if (process.argv.includes('--available')) return bundleAvailable();
  const missing = HANDLERS.filter((handler) => !existsSync(join(ROOT, 'lambda', `${handler}.ts`)));
  if (missing.length > 0) throw new Error(`handlers without a source file: ${missing.map((handler) => `lambda/${handler}.ts`).join(', ')}`);
  const handlers = await bundleHandlers(HANDLERS);
  const commandLine = await bundle([COMMAND_LINE], join(ROOT, 'dist', 'bin'));

  writeIfChanged(join(ROOT, 'THIRD-PARTY-NOTICES'), notices(handlers, commandLine));

  const bytes = Object.entries({ ...handlers.outputs, ...commandLine.outputs }).map(([file, output]) => `${String(Math.ceil(output.bytes / 1024)).padStart(6)} KB  ${relative('dist', file)}`);
  if (process.argv.includes('--verbose')) console.log(bytes.sort().join('\n'));
}

async function bundleAvailable(): Promise<void> {
  for (const handler of HANDLERS) await bundleHandlers([handler], 'silent').catch(() => { placeholder(handler); });
}

/** A handler that says what is missing, so that the rest of the stack can be synthesized while it is being written. */
function placeholder(handler: string): void {
  writeIfChanged(join(OUTPUT, handler, 'index.js'), `exports.handler = async () => { throw new Error('handler ${handler} is not built'); };\n`);
  console.warn(`not built: ${handler}`);
}

void main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
