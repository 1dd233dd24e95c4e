import { execFileSync } from 'child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { ROOT } from '../lib/fixtures';

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

test('the packed library works in somebody else\'s project: types, bundles, synthesis', () => {
  run('npm', ['run', '--silent', 'build:jsii'], ROOT);
  const project = mkdtempSync(join(tmpdir(), 'consumer-'));
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], ROOT)) as [{ filename: string; files: { path: string }[] }];
  const shipped = packed.files.map(({ path }) => path);
  expect(shipped).toEqual(expect.arrayContaining(['.jsii', 'dist/lib/index.js', 'dist/lib/index.d.ts', 'dist/lambda/serving/deploy-endpoint/index.js', 'THIRD-PARTY-NOTICES']));
  expect(shipped.filter((path) => /^(twin|test|lambda|lib|examples|bench)\//.test(path))).toEqual([]);

  const modules = join(project, 'node_modules');
  mkdirSync(join(modules, 'cdk-mlops'), { recursive: true });
  run('tar', ['--extract', '--file', join(project, packed.filename), '--strip-components', '1', '--directory', join(modules, 'cdk-mlops')], project);
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
