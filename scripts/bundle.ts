/**
 * Bundles every handler into `dist/lambda/<domain>/<handler>/index.js`, and the command line into `dist/bin/mlops.js`: one file each without
 * dependencies, the same bytes on every machine, so that consumers need neither esbuild nor Docker and asset hashes agree everywhere.
 *
 * `--available` bundles the handlers that build and lists the others, instead of failing.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'fs';
import { dirname, join, relative } from 'path';
import { bundleCommandLine, bundleHandlers, type Bundles } from './bundle/bundles';
import { packagesIn } from './bundle/contents';
import { HANDLERS } from './bundle/handlers';
import { notices } from './bundle/notices';
import { billOfMaterials } from './bundle/sbom';

const ROOT = join(__dirname, '..');
const OUTPUT = join(ROOT, 'dist', 'lambda');

function write({ outputFiles }: Bundles): void {
  for (const file of outputFiles) writeIfChanged(file.path, file.text);
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

async function main(): Promise<void> {
  removeStale();
  if (process.argv.includes('--available')) return bundleAvailable();
  const missing = HANDLERS.filter((handler) => !existsSync(join(ROOT, 'lambda', `${handler}.ts`)));
  if (missing.length > 0) throw new Error(`handlers without a source file: ${missing.map((handler) => `lambda/${handler}.ts`).join(', ')}`);
  const [handlers, commandLine] = [await bundleHandlers(ROOT), await bundleCommandLine(ROOT)];
  write(handlers);
  write(commandLine);

  const packages = packagesIn(ROOT, [handlers.metafile, commandLine.metafile]);
  writeIfChanged(join(ROOT, 'THIRD-PARTY-NOTICES'), notices(ROOT, packages));
  writeIfChanged(join(ROOT, 'dist', 'sbom.cdx.json'), billOfMaterials(ROOT, packages));

  const outputs = { ...handlers.metafile.outputs, ...commandLine.metafile.outputs };
  const bytes = Object.entries(outputs).map(([file, output]) => `${String(Math.ceil(output.bytes / 1024)).padStart(6)} KB  ${relative('dist', file)}`);
  if (process.argv.includes('--verbose')) console.log(bytes.sort().join('\n'));
}

async function bundleAvailable(): Promise<void> {
  for (const handler of HANDLERS) await bundleHandlers(ROOT, [handler], 'silent').then(write, () => { placeholder(handler); });
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
