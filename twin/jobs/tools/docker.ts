import { AwsError } from '../../service';
import type { Principal } from '../../service';
import type { World } from '../../world';
import { describe, imageId } from '../image';
import { fetchImage, parseReference, pushImage, pushIndex } from '../registry';
import { build, type BuiltImage } from './docker-build';
import type { Tool, ToolCall, ToolResult } from './tool';
import { done, parseOptions, ToolError } from './tool';

export interface DockerOptions {
  readonly world: World;
  /** Without it CodeBuild's container has no Docker daemon. */
  readonly privileged: boolean;
  /** Whose token `docker login` was given; undefined for a token ECR did not issue. */
  readonly principalOfToken: (password: string) => Principal | undefined;
  readonly architecture: string;
}

const NO_DAEMON = 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?';

/** `docker` as a build knows it: images of this build only, made of what a Dockerfile copies, pushed to and pulled from ECR. */
export function docker(options: DockerOptions): Tool {
  const daemon = new Daemon(options);
  return async (call) => {
    const [command = '', ...args] = call.args;
    const commands: Record<string, (args: readonly string[]) => ToolResult | Promise<ToolResult>> = {
      build: (rest) => daemon.build(rest, call),
      buildx: (rest) => daemon.buildx(rest, call),
      image: (rest) => daemon.image(rest, call),
      images: () => daemon.images(),
      inspect: (rest) => daemon.inspect(rest),
      info: () => done(`Server:\n Images: ${daemon.count}\n`),
      login: (rest) => daemon.login(rest, call),
      logout: (rest) => daemon.logout(rest),
      pull: (rest) => daemon.pull(rest),
      push: (rest) => daemon.push(rest),
      tag: (rest) => daemon.tag(rest),
      version: () => done('Client:\n Version: 29.6.2\n'),
      '--version': () => done('Docker version 29.6.2, build twin\n'),
    };
    const run = commands[command];
    if (run === undefined) throw new ToolError(`docker: the twin does not implement docker ${command}; it knows ${Object.keys(commands).join(', ')}`);
    if (!options.privileged && !['--version', 'version'].includes(command)) throw new ToolError(`ERROR: ${NO_DAEMON}`);
    return run(args);
  };
}

const unknownOption = (command: string) => (option: string) =>
  new ToolError(`unknown flag: ${option}\nthe twin does not implement docker ${command} ${option}`, 125);

class Daemon {
  private readonly byReference = new Map<string, BuiltImage>();
  private readonly logins = new Map<string, Principal>();
  /** `repository@sha256:…` per image, known once it was pushed or pulled. */
  private readonly digests = new Map<BuiltImage, Set<string>>();

  constructor(private readonly options: DockerOptions) {}

  get count(): number {
    return new Set(this.byReference.values()).size;
  }

  async build(args: readonly string[], call: ToolCall): Promise<ToolResult> {
    const { tags, quiet, push, ...built } = build(args, call, {
      architecture: this.options.architecture, base: (reference) => this.byReference.get(normal(reference))?.image,
    });
    for (const tag of tags) this.byReference.set(normal(tag), built);
    const id = imageId(built.image);
    this.byReference.set(id, built);
    const notRun = describe(built.image).history.filter((step) => step.comment !== undefined).map((step) => `twin: not run: ${step.created_by}\n`);
    const pushed: ToolResult[] = [];
    for (const tag of push ? tags : []) pushed.push(await this.push([tag]));
    const said = [...notRun, ...(quiet ? [] : [`writing image ${id}\n`, ...tags.map((tag) => `naming to ${tag}\n`)]), ...pushed.map(({ output }) => output.toString())];
    return done(quiet ? `${id}\n` : '', said.join(''));
  }

  buildx(args: readonly string[], call: ToolCall): Promise<ToolResult> {
    const [command, ...rest] = args;
    if (command !== 'build') throw new ToolError(`docker: the twin does not implement docker buildx ${command ?? ''}; it knows docker buildx build`);
    return this.build(rest, call);
  }

  image(args: readonly string[], call: ToolCall): ToolResult | Promise<ToolResult> {
    const [command = '', ...rest] = args;
    const commands: Record<string, () => ToolResult | Promise<ToolResult>> = {
      build: () => this.build(rest, call), inspect: () => this.inspect(rest), ls: () => this.images(),
      pull: () => this.pull(rest), push: () => this.push(rest), tag: () => this.tag(rest),
    };
    const run = commands[command];
    if (run === undefined) throw new ToolError(`docker: the twin does not implement docker image ${command}; it knows ${Object.keys(commands).join(', ')}`);
    return run();
  }

  images(): ToolResult {
    const lines = [...this.byReference].filter(([name]) => !name.startsWith('sha256:')).map(([name, { image }]) => `${name}  ${imageId(image).slice(7, 19)}`);
    return done(`REPOSITORY:TAG  IMAGE ID\n${lines.map((line) => `${line}\n`).join('')}`);
  }

  inspect(args: readonly string[]): ToolResult {
    const { options, rest } = parseOptions(args, { values: { '-f': 'format', '--format': 'format' }, flags: [] }, unknownOption('inspect'));
    const found = rest.map((name) => this.inspection(this.find(name, `Error: No such object: ${name}`), name));
    const format = options.get('format')?.[0];
    return done(format === undefined ? `${JSON.stringify(found, undefined, 4)}\n` : found.map((image) => `${render(format, image)}\n`).join(''));
  }

  tag(args: readonly string[]): ToolResult {
    const [source, target] = args;
    if (args.length !== 2) throw new ToolError(`docker: 'docker tag' requires 2 arguments, ${args.length} are given`);
    this.byReference.set(normal(target!), this.find(source!, `Error response from daemon: No such image: ${normal(source!)}`));
    return done();
  }

  login(args: readonly string[], call: ToolCall): ToolResult {
    const { options, rest } = parseOptions(args, {
      values: { '-u': 'username', '--username': 'username', '-p': 'password', '--password': 'password' }, flags: ['--password-stdin'],
    }, unknownOption('login'));
    const password = options.has('--password-stdin') ? call.input.toString('utf8').trim() : options.get('password')?.[0];
    const server = (rest[0] ?? '').replace(/^https?:\/\//, '').replace(/\/.*$/, '');
    if (password === undefined || password === '') throw new ToolError('Error: Cannot perform an interactive login from a non TTY device');
    const principal = options.get('username')?.[0] === 'AWS' ? this.options.principalOfToken(password) : undefined;
    if (principal === undefined) throw new ToolError(`Error response from daemon: login attempt to https://${server}/v2/ failed with status: 400 Bad Request`);
    this.logins.set(server, principal);
    return done('Login Succeeded\n');
  }

  logout(args: readonly string[]): ToolResult {
    this.logins.delete(args[0] ?? '');
    return done(`Removing login credentials for ${args[0]}\n`);
  }

  async push(args: readonly string[]): Promise<ToolResult> {
    const { rest } = parseOptions(args, { values: {}, flags: ['-q', '--quiet'] }, unknownOption('push'));
    const name = rest[0] ?? '';
    const reference = this.inEcr(name, 'push');
    const built = this.find(name, `An image does not exist locally with the tag: ${name.replace(/:[^:/]*$/, '')}`);
    const { image, index } = built;
    const caller = this.principal(name);
    await inRegistryWords(index === undefined ? pushImage(this.options.world, image, reference, caller) : pushIndex(this.options.world, index, reference, caller));
    const { digest, manifest } = index ?? image;
    this.remember(built, name, digest);
    return done(`${reference.tag}: digest: ${digest} size: ${manifest.length}\n`);
  }

  async pull(args: readonly string[]): Promise<ToolResult> {
    const { options, rest } = parseOptions(args, { values: { '--platform': 'platform' }, flags: ['-q', '--quiet'] }, unknownOption('pull'));
    const name = rest[0] ?? '';
    const reference = this.inEcr(name, 'pull');
    const architecture = options.get('platform')?.[0]?.split('/')[1] ?? this.options.architecture;
    const image = await inRegistryWords(fetchImage(this.options.world, reference, this.principal(name), { architecture }));
    const pulled = { image };
    this.byReference.set(normal(name), pulled);
    this.remember(pulled, name, image.digest);
    return done(`Digest: ${image.digest}\nStatus: Downloaded newer image for ${name}\n`);
  }

  private remember(image: BuiltImage, name: string, digest: string): void {
    const repository = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
    this.digests.set(image, new Set([...(this.digests.get(image) ?? []), `${repository}@${digest}`]));
  }

  private inEcr(name: string, verb: string) {
    const reference = parseReference(normal(name));
    if (reference === undefined) throw new ToolError(`docker: the twin can ${verb} images of ECR only; ${name} is none`);
    return reference;
  }

  private principal(name: string): Principal {
    const principal = this.logins.get(name.split('/')[0]!);
    if (principal === undefined) throw new ToolError('no basic auth credentials');
    return principal;
  }

  private find(name: string, missing: string): BuiltImage {
    const image = this.byReference.get(normal(name)) ?? this.byReference.get(name)
      ?? [...this.digests].find(([, names]) => names.has(name))?.[0];
    if (image === undefined) throw new ToolError(missing);
    return image;
  }

  private inspection(built: BuiltImage, name: string): Record<string, unknown> {
    const { image } = built;
    const { architecture, os, config } = describe(image);
    const tags = [...this.byReference].filter(([reference, other]) => other === built && !reference.startsWith('sha256:')).map(([reference]) => reference);
    const digests = [...(this.digests.get(built) ?? [])];
    // The digest of the repository that was asked for comes first, as people read the first.
    const repository = name.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
    digests.sort((a, b) => Number(b.startsWith(`${repository}@`)) - Number(a.startsWith(`${repository}@`)));
    return { Id: imageId(image), RepoTags: tags, RepoDigests: digests, Architecture: architecture, Os: os, Config: config };
  }
}

/** A tag is `latest` if none is given. */
function normal(reference: string): string {
  return reference.startsWith('sha256:') || reference.includes('@') || /:[^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

/** The few templates of `--format` that builds use. */
function render(format: string, image: Record<string, unknown>): string {
  return format.replace(/\{\{\s*(.*?)\s*\}\}/g, (whole, expression: string) => {
    const [, verb, name = '', index] = /^(?:(index|json)\s+)?\.(\w+)?(?:\s+(\d+))?$/.exec(expression) ?? [];
    const value = name === '' ? image : image[name];
    if (verb === 'json' && index === undefined) return JSON.stringify(value);
    if (verb === 'index' && index !== undefined && Array.isArray(value)) {
      if (Number(index) >= value.length) throw new ToolError(`template parsing error: template: :1:2: executing "" at <${expression}>: error calling index: index out of range: ${index}`, 64);
      return String(value[Number(index)]);
    }
    if (verb === undefined && typeof value === 'string') return value;
    throw new ToolError(`docker: the twin does not implement the format ${whole}; it knows {{.Id}}, {{index .RepoDigests 0}} and {{json .Config}}`, 64);
  });
}

async function inRegistryWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const prefix: Record<string, string> = {
      RepositoryNotFoundException: 'name unknown', ImageTagAlreadyExistsException: 'tag invalid', ImageNotFoundException: 'manifest unknown',
      AccessDeniedException: 'denied',
    };
    throw new ToolError(`${prefix[error.code] ?? error.code}: ${error.message}`);
  }
}
