import { execFileSync } from 'child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { labelledCsv } from '../../bin/story/flights';
import { ROOT } from '../lib/fixtures';
import { COAST, flightsDuring } from '../loop/support/airline';

const run = (command: string, args: string[], cwd: string) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name);

/** What a team writes that takes single constructs into a stack of its own. */
const APP = `
import { App, Stack } from 'aws-cdk-lib';
import { DataBuckets, Dataset, DriftMonitor, Hosting, MlopsStack, ModelProject, ModelRegistry, QualityGate, Rollout } from 'cdk-mlops';

const app = new App();
const { loop } = new MlopsStack(app, 'Flights', {
  project: ModelProject.fromDirectory('model'),
  dataset: { labelColumn: 'late', timeColumn: 'time' },
  gate: QualityGate.atLeast('auc', 0.58),
  hosting: Hosting.realTime({ instanceCount: 2 }),
  rollout: Rollout.canary(),
});
loop.buckets.datasets.bucketName.toLowerCase();

const company = new Stack(app, 'Company');
const buckets = new DataBuckets(company, 'Data');
Dataset.fromBucket(buckets.datasets, { labelColumn: 'late', timeColumn: 'time' });
const monitor: DriftMonitor = new DriftMonitor(company, 'Monitor', { endpointName: 'flights', buckets, registry: new ModelRegistry(company, 'Registry') });
monitor.metric('MaxPsi');
app.synth();
`;

let project: string;
let shipped: string[];

/** The package, unpacked where npm would install it, in a folder without anything of ours. */
beforeAll(() => {
  run('npm', ['run', '--silent', 'build:jsii'], ROOT);
  project = mkdtempSync(join(tmpdir(), 'consumer-'));
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], ROOT)) as [{ filename: string; files: { path: string }[] }];
  shipped = packed.files.map(({ path }) => path);
  mkdirSync(join(project, 'node_modules', 'cdk-mlops'), { recursive: true });
  run('tar', ['--extract', '--file', join(project, packed.filename), '--strip-components', '1', '--directory', join(project, 'node_modules', 'cdk-mlops')], project);
}, 180_000);

afterAll(() => { rmSync(project, { recursive: true, force: true }); });

test('what is shipped is what was built, and no sources', () => {
  expect(shipped).toEqual(expect.arrayContaining([
    '.jsii', 'dist/lib/index.js', 'dist/lib/index.d.ts', 'dist/lambda/serving/deploy-endpoint/index.js', 'dist/bin/mlops.js', 'dist/sbom.cdx.json', 'THIRD-PARTY-NOTICES',
  ]));
  expect(shipped.filter((path) => /^(twin|test|lambda|lib|examples|bench|bin)\//.test(path))).toEqual([]);
});

test('the command line works without any other package, on csv and on parquet', () => {
  const installed = join(project, 'node_modules', 'cdk-mlops');
  const { bin: { mlops } } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { bin: { mlops: string } };
  const parquet = join(ROOT, 'test', 'lambda', 'data', 'readers', 'flights.parquet');
  const csv = join(project, 'flights.csv');
  writeFileSync(csv, labelledCsv(flightsDuring(Date.parse('2001-01-30T00:00:00Z'), Date.parse('2001-02-01T00:00:00Z'), COAST, 10)));
  const statistics = [csv, parquet].map((file, index) => {
    const out = join(project, `baseline-${index}`);
    // Without NODE_PATH and outside of this repository: what is not in the bundle is not there.
    execFileSync(process.execPath, [join(installed, mlops), 'drift', 'baseline', file, '--label', 'late', '--time', 'departure', '--out', out], {
      cwd: project, env: { PATH: process.env.PATH }, stdio: 'pipe',
    });
    return JSON.parse(readFileSync(join(out, 'statistics.json'), 'utf8')) as { dataset: { item_count: number }; features: { name: string }[] };
  });
  expect(statistics[0]).toMatchObject({ dataset: { item_count: 480 }, features: ['hour', 'weekday', 'distance', 'origin', 'destination'].map((name) => ({ name })) });
  expect(statistics[1]).toEqual(statistics[0]);
}, 60_000);

test('the packed library works in somebody else\'s project: types, bundles, synthesis', () => {
  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, '@types'));
  for (const dependency of ['aws-cdk-lib', 'constructs', '@types/node']) symlinkSync(join(ROOT, 'node_modules', dependency), join(modules, dependency));
  mkdirSync(join(project, 'model'));
  writeFileSync(join(project, 'model', 'Dockerfile'), 'FROM scratch\n');
  writeFileSync(join(project, 'app.ts'), APP);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({
    compilerOptions: { target: 'ES2022', module: 'CommonJS', moduleResolution: 'Node10', ignoreDeprecations: '6.0', strict: true, skipLibCheck: true, types: ['node'] }, files: ['app.ts'],
  }));
  run(bin('tsc'), ['-p', '.'], project);
  // Synthesis writes where the CDK's command line would tell it to.
  execFileSync(process.execPath, ['app.js'], { cwd: project, env: { ...process.env, CDK_OUTDIR: join(project, 'cdk.out') }, stdio: 'pipe' });

  const assembly = join(project, 'cdk.out');
  expect(readdirSync(assembly)).toEqual(expect.arrayContaining(['Flights.template.json', 'Company.template.json']));
  const { Resources } = JSON.parse(readFileSync(join(assembly, 'Company.template.json'), 'utf8'));
  expect(Object.values<any>(Resources).map(({ Type }) => Type)).toContain('Custom::FirstHeartbeat');
}, 180_000);
