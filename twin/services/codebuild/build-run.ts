import * as fs from 'node:fs';
import * as path from 'node:path';
import { writeFolder } from '../../jobs/folder';
import { aws, docker, ToolServer } from '../../jobs/tools';
import { AwsError } from '../../service';
import type { Principal, Service } from '../../service';
import type { World } from '../../world';
import { chooseFiles, NoArtifacts } from './artifacts';
import type { Build, BuildPhase, BuildStatus } from './build';
import { BuildLog } from './build-log';
import { BuildSpecError, parseBuildSpec } from './buildspec';
import type { ArtifactSpec, BuildSpec, PhaseName } from './buildspec';
import { environmentOf } from './environment';
import { BuildShell } from './shell';
import { unzip, zip } from './zip';

const SECOND = 1_000;
/** Virtual seconds of each phase; about two and a half minutes in all. */
const SECONDS: Readonly<Record<string, number>> = {
  QUEUED: 2, PROVISIONING: 40, DOWNLOAD_SOURCE: 5, INSTALL: 10, PRE_BUILD: 30, BUILD: 45, POST_BUILD: 5, UPLOAD_ARTIFACTS: 3, FINALIZING: 5,
};
/** Real milliseconds after which a build counts as timed out. */
const WALL_LIMIT = 10 * 60_000;

interface PhaseFailure { readonly statusCode: string; readonly message: string; readonly status?: BuildStatus }

/** A phase that failed in a way CodeBuild has a word for. */
class PhaseError extends Error {
  constructor(readonly statusCode: string, message: string, readonly status: BuildStatus = 'FAILED') {
    super(message);
  }
}

type EcrTokens = Service & { principalOfToken(password: string): Principal | undefined };

/** The life of one build, on the virtual clock; its commands run for real, while virtual time stands still. */
export class BuildRun {
  private readonly role: Principal;
  private readonly log: BuildLog;
  private readonly folder: string;
  private readonly source: string;
  private spec!: BuildSpec;
  private shell!: BuildShell;
  private tools: ToolServer | undefined;
  private readonly failures: BuildStatus[] = [];

  constructor(private readonly world: World, private readonly build: Build, private readonly onChange: (build: Build) => void) {
    this.role = { kind: 'role', roleArn: build.settings.serviceRole, sessionName: `AWSCodeBuild-${build.id.split(':')[1]}` };
    this.log = new BuildLog(world, build, this.role);
    fs.mkdirSync(path.join(world.workDir, 'builds'), { recursive: true });
    this.folder = fs.mkdtempSync(path.join(world.workDir, 'builds', 'build-'));
    this.source = path.join(this.folder, 'src');
  }

  async run(): Promise<void> {
    try {
      await this.phases();
    } finally {
      if (this.tools !== undefined) await this.world.clock.io('end of build', this.tools.stop());
      fs.rmSync(this.folder, { recursive: true, force: true });
    }
    this.build.status = this.failures[0] ?? 'SUCCEEDED';
    this.build.endTime = this.world.clock.date();
    this.build.phases.push({ phaseType: 'COMPLETED', startTime: this.world.clock.date() });
    this.onChange(this.build);
  }

  private async phases(): Promise<void> {
    await this.phase('SUBMITTED', async () => {});
    await this.phase('QUEUED', async () => {});
    const ready = await this.phase('PROVISIONING', () => this.provision())
      && await this.phase('DOWNLOAD_SOURCE', () => this.download());
    if (ready && await this.commands('install') && await this.commands('pre_build')) {
      const built = await this.commands('build');
      // A failed build still has its post_build, unless the buildspec says ABORT in so many words.
      if ((built || !this.aborts('build')) && await this.commands('post_build')) await this.phase('UPLOAD_ARTIFACTS', () => this.upload());
    }
    await this.phase('FINALIZING', async () => {
      if (ready) this.build.exported = await this.world.clock.io('exported variables', this.shell.values(this.spec.exported));
    });
  }

  /** Whether the build goes on. */
  private async phase(phaseType: string, work: () => Promise<void>): Promise<boolean> {
    if (this.failures.includes('STOPPED') && phaseType !== 'FINALIZING') return false;
    const phase: BuildPhase = { phaseType, phaseStatus: 'IN_PROGRESS', startTime: this.world.clock.date() };
    this.build.phases.push(phase);
    this.log.note(`Entering phase ${phaseType}`);
    const failure = await this.attempt(work);
    await this.world.clock.sleep((SECONDS[phaseType] ?? 0) * SECOND, `${phaseType} of build ${this.build.id}`);
    const status = this.build.stopRequested && phaseType !== 'FINALIZING' ? 'STOPPED' : failure?.status ?? (failure === undefined ? 'SUCCEEDED' : 'FAILED');
    phase.phaseStatus = status;
    phase.endTime = this.world.clock.date();
    phase.durationInSeconds = (phase.endTime.getTime() - phase.startTime.getTime()) / SECOND;
    phase.contexts = [{ statusCode: failure?.statusCode ?? '', message: failure?.message ?? '' }];
    if (status !== 'SUCCEEDED') this.failures.push(status);
    this.log.note(`Phase complete: ${phaseType} State: ${status}`);
    this.log.note(`Phase context status code: ${failure?.statusCode ?? ''} Message: ${failure?.message ?? ''}`);
    await this.log.flush();
    return status === 'SUCCEEDED';
  }

  private async attempt(work: () => Promise<void>): Promise<PhaseFailure | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (error instanceof PhaseError) return { statusCode: error.statusCode, message: error.message, status: error.status };
      if (error instanceof BuildSpecError) return { statusCode: 'YAML_FILE_ERROR', message: error.message };
      if (error instanceof NoArtifacts) return { statusCode: 'CLIENT_ERROR', message: error.message };
      if (error instanceof AwsError) return { statusCode: error.code.startsWith('AccessDenied') ? 'ACCESS_DENIED' : 'CLIENT_ERROR', message: error.message };
      throw error;
    }
  }

  private async provision(): Promise<void> {
    await this.assumeRole();
    try {
      await this.log.open();
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseError('ACCESS_DENIED', `Service role ${this.build.settings.serviceRole} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build ${this.build.arn}. Error message: ${error.message}`);
    }
  }

  private async assumeRole(): Promise<void> {
    const { serviceRole } = this.build.settings;
    try {
      await this.world.call({
        service: 'sts', operation: 'AssumeRole', input: { RoleArn: serviceRole, RoleSessionName: 'AWSCodeBuild' },
        caller: { kind: 'service', service: 'codebuild.amazonaws.com', sourceArn: this.build.project.arn, sourceAccount: this.world.account },
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseError('CLIENT_ERROR', `CodeBuild is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The provided service role exists, 2) The role name is case-sensitive and matches exactly, and 3) The role has the necessary trust policy configured: ${serviceRole}`);
    }
  }

  private async download(): Promise<void> {
    const { source, secondarySources } = this.build.settings;
    fs.mkdirSync(this.source, { recursive: true });
    await this.fetch(source, this.source);
    for (const secondary of secondarySources) await this.fetch(secondary, path.join(this.folder, secondary.sourceIdentifier));
    this.spec = parseBuildSpec(this.buildSpecText());
    const { environment } = this.build.settings;
    this.tools = await this.world.clock.io('tools of the build', ToolServer.start({
      aws: aws(this.world, this.role),
      docker: docker({
        world: this.world, privileged: environment.privilegedMode === true, architecture: environment.type === 'ARM_CONTAINER' ? 'arm64' : 'amd64',
        principalOfToken: (password) => this.world.service<EcrTokens>('ecr').principalOfToken(password),
      }),
    }));
    const state = path.join(this.folder, 'state');
    fs.mkdirSync(state);
    const variables = await environmentOf(this.world, this.build, this.spec, this.role, { home: this.folder, source: this.source });
    this.shell = new BuildShell(this.spec.shell, state, this.source, { ...variables, ...this.tools.environment(process.env.PATH ?? '') });
  }

  private async fetch(source: { type: string; location?: string }, folder: string): Promise<void> {
    if (source.type === 'NO_SOURCE') return;
    const [bucket = '', ...key] = (source.location ?? '').split('/');
    let archive: Buffer;
    try {
      const { Body } = await this.world.call({ service: 's3', operation: 'GetObject', input: { Bucket: bucket, Key: key.join('/') }, caller: this.role });
      archive = Buffer.from(Body);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw new PhaseError(error.code.startsWith('AccessDenied') ? 'ACCESS_DENIED' : 'CLIENT_ERROR', `${error.code}: ${error.message} for primary source and source version ${bucket}/${key.join('/')}`);
    }
    let files;
    try {
      files = unzip(archive);
    } catch {
      throw new PhaseError('CLIENT_ERROR', `the source ${bucket}/${key.join('/')} is not a zip archive`);
    }
    writeFolder(folder, files);
  }

  private buildSpecText(): string {
    const { buildspec, type } = this.build.settings.source;
    if (typeof buildspec === 'string' && (buildspec.includes('\n') || /^\s*\{/.test(buildspec))) return buildspec;
    const file = path.join(this.source, buildspec ?? 'buildspec.yml');
    if (type === 'NO_SOURCE' || !fs.existsSync(file)) throw new PhaseError('YAML_FILE_ERROR', `YAML file does not exist: ${buildspec ?? 'buildspec.yml'}`);
    return fs.readFileSync(file, 'utf8');
  }

  /** Runs a phase's commands; whether the build goes on after them. */
  private async commands(name: PhaseName): Promise<boolean> {
    const { commands, finally: finals, onFailure } = this.spec.phases[name];
    this.shell.set('CODEBUILD_BUILD_SUCCEEDING', this.failures.length === 0 ? '1' : '0');
    const went = await this.phase(name.toUpperCase(), async () => {
      const first = await this.sequence(commands);
      const last = await this.sequence(finals);
      const failure = first ?? last;
      if (failure !== undefined) throw failure;
    });
    return went || (onFailure === 'CONTINUE' && !this.failures.includes('STOPPED'));
  }

  private async sequence(commands: readonly string[]): Promise<PhaseError | undefined> {
    for (const command of commands) {
      if (this.build.stopRequested) return undefined;
      this.log.note(`Running command ${command}`);
      const { code, timedOut } = await this.world.clock.io(`build ${this.build.id}`, this.execute(command));
      if (timedOut) return new PhaseError('BUILD_TIMED_OUT', `Build has timed out. `, 'TIMED_OUT');
      if (code !== 0) return new PhaseError('COMMAND_EXECUTION_ERROR', `Error while executing command: ${command}. Reason: exit status ${code}`);
    }
    return undefined;
  }

  private async execute(command: string): Promise<{ code: number; timedOut: boolean }> {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.shell.kill();
    }, WALL_LIMIT);
    try {
      return { code: await this.shell.run(command, (line) => this.log.write(line)), timedOut };
    } finally {
      clearTimeout(timer);
    }
  }

  private aborts(name: PhaseName): boolean {
    return this.spec.phases[name].onFailure === 'ABORT' || this.failures.includes('STOPPED') || this.failures.includes('TIMED_OUT');
  }

  private async upload(): Promise<void> {
    const { artifacts, secondaryArtifacts } = this.build.settings;
    const { artifacts: primary } = this.spec;
    if (artifacts.type !== 'NO_ARTIFACTS') {
      if (primary === undefined) throw new NoArtifacts('no matching artifact paths found');
      this.build.artifactLocation = await this.keep(artifacts, primary);
    }
    for (const target of secondaryArtifacts) {
      const spec = this.spec.secondaryArtifacts[target.artifactIdentifier];
      if (spec === undefined) throw new NoArtifacts(`no definition for secondary artifact ${target.artifactIdentifier} in the buildspec`);
      await this.keep(target, spec);
    }
  }

  private async keep(target: { type: string; location: string; name?: string; path?: string; packaging?: string }, spec: ArtifactSpec): Promise<string> {
    const files = chooseFiles(this.source, spec);
    const name = target.name ?? this.build.project.name;
    const key = [target.path, name].filter((part) => part !== undefined && part !== '' && part !== '/').join('/').replace(/^\/+/, '');
    const { encryptionKey } = this.build.settings;
    const put = (Key: string, Body: Buffer) => this.world.call({
      service: 's3', operation: 'PutObject', caller: this.role,
      input: {
        Bucket: target.location.replace(/^arn:[^:]*:s3:::/, ''), Key, Body,
        ...(encryptionKey !== undefined && !encryptionKey.endsWith('alias/aws/s3') ? { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryptionKey } : {}),
      },
    });
    if (target.type === 'S3' && target.packaging !== 'ZIP') for (const file of files) await put(`${key}/${file.path}`, file.content);
    else await put(key, zip(files));
    return `${this.world.arn('s3', `${target.location}/${key}`, '', '')}`;
  }
}
