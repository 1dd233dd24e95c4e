import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { AppSettings } from './app-settings';
import type { Names } from './names';
import type { Place } from './place';
import { Interrupted } from './tempo';

const ROOT = path.resolve(__dirname, '../..');
const CDK = path.join(ROOT, 'node_modules/aws-cdk/bin/cdk');

/** The CDK command line of the repository, as a child process. */
export class Cdk {
  private readonly children = new Set<ReturnType<typeof spawn>>();
  private readonly assemblies = new Map<boolean, Promise<string>>();

  constructor(private readonly place: Place, private readonly names: Names, private readonly scratch: string, private readonly interrupted: AbortSignal) {
    interrupted.addEventListener('abort', () => this.stop());
  }

  /** Begins to synthesize, once for each of the settings; whoever deploys waits for it. */
  prepare(settings: AppSettings): Promise<string> {
    let assembly = this.assemblies.get(settings.scales);
    if (assembly === undefined) {
      this.assemblies.set(settings.scales, assembly = this.synthesize(settings));
      assembly.catch(() => undefined); // whoever waits for it is told
    }
    return assembly;
  }

  /** Bootstraps under a name and qualifier of the run's own: what the account has stays as it is. */
  async bootstrap(account: string): Promise<void> {
    await this.cdk('bootstrap', `aws://${account}/${this.place.connection.region}`, '--toolkit-stack-name', this.names.toolkit, '--qualifier', this.names.qualifier,
      '--tags', this.names.tag);
  }

  async deploy(settings: AppSettings): Promise<void> {
    await this.cdk('deploy', '--app', await this.prepare(settings), '--toolkit-stack-name', this.names.toolkit, '--require-approval', 'never', '--tags', this.names.tag);
  }

  async destroy(settings: AppSettings): Promise<void> {
    await this.cdk('destroy', '--app', await this.prepare(settings), '--toolkit-stack-name', this.names.toolkit, '--force');
  }

  /** Ends what still runs: CloudFormation goes on with what it has begun. */
  stop(): void {
    for (const child of this.children) child.kill('SIGTERM');
  }

  private async synthesize(settings: AppSettings): Promise<string> {
    const output = path.join(this.scratch, settings.scales ? 'scaling' : 'fixed');
    const { context } = JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
    await this.run('synthesis', ['--import', 'tsx', path.join(__dirname, 'app.ts')], {
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, '@aws-cdk/core:bootstrapQualifier': this.names.qualifier, acceptance: JSON.stringify(settings) }),
    });
    return output;
  }

  private cdk(command: string, ...args: string[]): Promise<void> {
    return this.run(`cdk ${command}`, [CDK, command, ...args, '--no-notices', '--no-color', '--ci', '--progress', 'events'], {});
  }

  private run(what: string, args: string[], environment: Record<string, string>): Promise<void> {
    return new Promise((resolve, reject) => {
      // A group of its own: an interrupt from the keyboard is this program's to handle.
      const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...this.place.environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      this.children.add(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => { output += text.toString(); });
      child.on('error', reject).on('close', (code) => {
        this.children.delete(child);
        if (code === 0) resolve();
        else if (this.interrupted.aborted) reject(new Interrupted('interrupted'));
        else reject(new Error(`${what} ended with code ${code}:\n${output.trimEnd().split('\n').slice(-40).join('\n')}`));
      });
    });
  }
}
