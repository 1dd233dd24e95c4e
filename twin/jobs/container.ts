import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ImageConfig } from './image';

/** An image unpacked on this machine. */
export interface LocalImage {
  /** `sha256:…` */
  readonly digest: string;
  readonly architecture: string;
  readonly config: ImageConfig;
  /** The folder that stands for the container's `/`. */
  readonly rootfs: string;
}

export interface ContainerOptions {
  readonly image: LocalImage;
  /** Replaces the image's entrypoint, and with it the image's command. */
  readonly entrypoint?: readonly string[];
  /** Behind the entrypoint, in place of the image's command. */
  readonly arguments?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The folder that stands for the container's `/opt/ml`; a folder `tmp` beside it is its home and scratch space. */
  readonly mlRoot: string;
  /**
   * Processors of the machine: `amd64` or `arm64`.
   *
   * @default - those that the image is built for
   */
  readonly architecture?: string;
}

/** A project that is to run without Docker finds its `/opt/ml` by this variable. */
export const ML_ROOT_VARIABLE = 'SM_ML_ROOT';

/** How long, in real time, pipes that something still holds open are read after the first process has ended. */
const LEFT_BEHIND_MS = 1_000;

/** The image cannot be started at all: what the container runtime says. */
export class CannotStartError extends Error {}

interface CommandLine {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly cwd: string;
  readonly environment: Record<string, string>;
}

/** Resolves entrypoint, command, paths and environment the way a container runtime does, on this machine's folders. */
export function commandLine(options: ContainerOptions): CommandLine {
  const { image } = options;
  const entrypoint = options.entrypoint ?? image.config.Entrypoint ?? [];
  const command = options.arguments !== undefined && options.arguments.length > 0
    ? options.arguments
    : options.entrypoint === undefined ? image.config.Cmd ?? [] : [];
  const [file, ...rest] = [...entrypoint, ...command];
  if (file === undefined) throw new CannotStartError('no command specified: the image has neither ENTRYPOINT nor CMD');
  const cwd = inside(image, image.config.WorkingDir);
  fs.mkdirSync(cwd, { recursive: true });
  const environment = environmentOf(options);
  return {
    file: executable(image, file, cwd, environment.PATH!),
    arguments: rest.map((argument) => localPath(options, argument)),
    cwd,
    environment,
  };
}

/** Starts the container's process in a group of its own, with nothing of this process's environment but what is listed. */
export function startContainer(options: ContainerOptions): ChildProcess {
  const line = options.architecture !== undefined && options.architecture !== options.image.architecture ? foreign(commandLine(options)) : commandLine(options);
  return spawn(line.file, line.arguments, { cwd: line.cwd, env: line.environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Programs for other processors: the runtime starts, cannot execute them, and says so in the container's log. */
function foreign(line: CommandLine): CommandLine {
  return { ...line, file: '/bin/sh', arguments: ['-c', 'echo "exec $0: exec format error" >&2; exit 1', line.file] };
}

export function killContainer(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) killGroup(child.pid, signal);
}

/** A process and whatever it has started, as long as any of them is there. */
function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // all have just ended by themselves
  }
}

/**
 * Waits until the first process of a group has ended and all it printed is read. What it has left running ends with it, for it would hold the pipes
 * open; so it might even from a session of its own, therefore the wait for the pipes has an end.
 */
export function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      killGroup(child.pid!, 'SIGKILL');
      const giveUp = setTimeout(() => { for (const stream of [child.stdout, child.stderr]) stream?.destroy(); }, LEFT_BEHIND_MS);
      child.on('close', () => {
        clearTimeout(giveUp);
        resolve({ code, signal });
      });
    });
  });
}

function environmentOf(options: ContainerOptions): Record<string, string> {
  const { image } = options;
  const scratch = path.join(path.dirname(options.mlRoot), 'tmp');
  for (const folder of [options.mlRoot, scratch]) fs.mkdirSync(folder, { recursive: true });
  const environment: Record<string, string> = { HOME: scratch, TMPDIR: scratch, LANG: 'C.UTF-8', TZ: 'UTC' };
  for (const variable of image.config.Env) {
    const at = variable.indexOf('=');
    environment[variable.slice(0, at)] = pathList(image, variable.slice(at + 1));
  }
  for (const [name, value] of Object.entries(options.environment)) environment[name] = localPath(options, value);
  // What the base image brings (an interpreter, a shell) is this machine's.
  environment.PATH = [environment.PATH ?? '', process.env.PATH ?? ''].join(':');
  environment[ML_ROOT_VARIABLE] = options.mlRoot;
  return environment;
}

/** Paths in a list such as PATH or PYTHONPATH that exist in the image, on this machine's disk. */
function pathList(image: LocalImage, value: string): string {
  return value.split(':').map((part) => (part.startsWith('/') && part !== '/' && fs.existsSync(inside(image, part)) ? inside(image, part) : part)).join(':');
}

function localPath(options: ContainerOptions, text: string): string {
  if (text === '/opt/ml' || text.startsWith('/opt/ml/')) return path.join(options.mlRoot, text.slice('/opt/ml'.length));
  return text.length > 1 && text.startsWith('/') && fs.existsSync(inside(options.image, text)) ? inside(options.image, text) : text;
}

function inside(image: LocalImage, absolute: string): string {
  return path.join(image.rootfs, path.posix.resolve('/', absolute));
}

function executable(image: LocalImage, file: string, cwd: string, searchPath: string): string {
  if (file.includes('/')) {
    const local = file.startsWith('/') ? inside(image, file) : path.join(cwd, file);
    if (fs.existsSync(local)) {
      if (fs.statSync(local).isDirectory()) throw new CannotStartError(`exec: "${file}": is a directory`);
      if ((fs.statSync(local).mode & 0o111) === 0) throw new CannotStartError(`exec: "${file}": permission denied`);
      return local;
    }
    // `/bin/sh`, `/usr/local/bin/python3`: programs of the base image.
    const own = /^\/(?:usr\/)?(?:local\/)?s?bin\/([^/]+)$/.exec(file)?.[1];
    const found = own === undefined ? undefined : search(own, process.env.PATH ?? '');
    if (found === undefined) throw new CannotStartError(`exec: "${file}": stat ${file}: no such file or directory`);
    return found;
  }
  const found = search(file, searchPath) ?? (file === 'python' ? search('python3', searchPath) : undefined);
  if (found === undefined) throw new CannotStartError(`exec: "${file}": executable file not found in $PATH`);
  return found;
}

function search(name: string, searchPath: string): string | undefined {
  return searchPath.split(':').filter((folder) => folder !== '').map((folder) => path.join(folder, name))
    .find((file) => fs.existsSync(file) && fs.statSync(file).isFile() && (fs.statSync(file).mode & 0o111) !== 0);
}
