import * as path from 'node:path';
import type { ArchiveFile } from './archive';
import type { BuildContext } from './build-context';
import { assignments, DockerError, execForm, substitute, words } from './dockerfile';
import type { Instruction } from './dockerfile';
import type { Image, ImageConfig, ImageDescription, ImageFormat } from './image';
import { describe, filesOf, makeImage } from './image';

export interface BuildOptions {
  readonly context: BuildContext;
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** `amd64` or `arm64`. */
  readonly architecture: string;
  /** @default 'docker' */
  readonly format?: ImageFormat;
  readonly labels?: Readonly<Record<string, string>>;
  /** Looks up a base image that the twin itself holds; any other base counts as provided by this machine. */
  readonly base?: (reference: string) => Image | undefined;
}

/** `PATH` of the official base images, on which `ENV PATH=/opt/program:$PATH` builds. */
export const BASE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What a Dockerfile makes of its context. The same content gives the same digest, whenever and wherever it is built. */
export function buildImage(instructions: readonly Instruction[], options: BuildOptions): Image {
  const build = new Build(options);
  for (const instruction of instructions) build.take(instruction);
  return build.finish();
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Build {
  private readonly files = new Map<string, ArchiveFile>();
  private readonly history: Array<ImageDescription['history'][number]> = [];
  private readonly environment = new Map<string, string>();
  private readonly arguments = new Map<string, string>();
  private config: Mutable<ImageConfig> = { Env: [], WorkingDir: '/' };
  private started = false;

  constructor(private readonly options: BuildOptions) {}

  take(instruction: Instruction): void {
    const { name, text } = instruction;
    if (!this.started && name !== 'FROM' && name !== 'ARG') throw new DockerError('ERROR: failed to solve: no build stage in current context');
    const steps: Record<string, () => void> = {
      FROM: () => this.from(this.expand(text)),
      ARG: () => this.argument(text),
      COPY: () => this.copy(instruction),
      WORKDIR: () => { this.config.WorkingDir = path.posix.resolve(this.config.WorkingDir, this.expand(text)); },
      ENV: () => { for (const [key, value] of assignments(text)) this.environment.set(key, this.expand(value)); },
      ENTRYPOINT: () => {
        this.config.Entrypoint = commandOf(text);
        // A command that came with the base image was meant for the base image's entrypoint.
        if (this.commandInherited) delete this.config.Cmd;
      },
      CMD: () => {
        this.config.Cmd = commandOf(text);
        this.commandInherited = false;
      },
      LABEL: () => { this.config.Labels = { ...this.config.Labels, ...Object.fromEntries(assignments(text).map(([key, value]) => [key, this.expand(value)])) }; },
      EXPOSE: () => { this.config.ExposedPorts = { ...this.config.ExposedPorts, ...Object.fromEntries(words(text).map((port) => [port, {}])) }; },
      USER: () => { this.config.User = this.expand(text); },
      RUN: () => {},
    };
    steps[name]!();
    this.history.push({
      created_by: `${name} ${text}`,
      ...(name === 'RUN' ? { comment: 'recorded by the twin, not run' } : {}),
      ...(name === 'COPY' ? {} : { empty_layer: true }),
    });
  }

  finish(): Image {
    if (!this.started) throw new DockerError('ERROR: failed to solve: no build stage in current context');
    const labels = { ...this.config.Labels, ...this.options.labels };
    return makeImage([...this.files.values()], {
      architecture: this.options.architecture,
      config: {
        ...this.config,
        Env: [...this.environment].map(([key, value]) => `${key}=${value}`),
        ...(Object.keys(labels).length > 0 ? { Labels: labels } : {}),
      },
      history: this.history,
    }, this.options.format);
  }

  private commandInherited = false;

  private from(text: string): void {
    const [reference = '', ...rest] = words(text).filter((word) => !word.startsWith('--platform='));
    if (this.started || (rest.length > 0 && rest[0]!.toUpperCase() !== 'AS')) {
      throw new DockerError('ERROR: the twin does not build Dockerfiles with several stages; use one FROM');
    }
    this.started = true;
    const base = this.options.base?.(reference);
    if (base === undefined) {
      this.environment.set('PATH', BASE_PATH);
      return;
    }
    const description = describe(base);
    this.config = { ...description.config };
    this.commandInherited = this.config.Cmd !== undefined;
    for (const variable of description.config.Env) this.environment.set(variable.slice(0, variable.indexOf('=')), variable.slice(variable.indexOf('=') + 1));
    for (const file of filesOf(base)) this.files.set(file.path, file);
    this.history.push(...description.history);
  }

  private argument(text: string): void {
    for (const word of words(text)) {
      const [name = '', ...value] = word.split('=');
      const chosen = this.options.buildArguments?.[name] ?? (value.length > 0 ? this.expand(value.join('=')) : undefined);
      if (chosen !== undefined) this.arguments.set(name, chosen);
    }
  }

  private copy(instruction: Instruction): void {
    const flags = /^(?:--\S+\s+)*/.exec(instruction.text)![0];
    const mode = this.flags(flags, instruction.line);
    const rest = instruction.text.slice(flags.length);
    const names = (execForm(rest) ?? words(rest)).map((word) => this.expand(word));
    if (names.length < 2) throw new DockerError(`ERROR: failed to solve: dockerfile parse error on line ${instruction.line}: COPY requires at least two arguments, but only ${names.length} was provided`);
    const target = names.at(-1)!;
    const sources = names.slice(0, -1).map((source) => ({ source, matches: this.options.context.match(source) }));
    const missing = sources.find(({ matches }) => matches.length === 0);
    if (missing !== undefined) {
      throw new DockerError(`Dockerfile:${instruction.line}\nERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref: "/${
        path.posix.normalize(missing.source).replace(/^\/+/, '')}": not found`);
    }
    const intoFolder = target.endsWith('/') || target === '.';
    const matches = sources.flatMap((source) => source.matches);
    if (matches.length > 1 && !intoFolder) {
      throw new DockerError(`Dockerfile:${instruction.line}\nERROR: failed to solve: When using COPY with more than one source file, the destination must be a directory and end with a /`);
    }
    const destination = path.posix.resolve(this.config.WorkingDir, target);
    for (const { name, files } of matches) for (const { file, below } of files) {
      const at = below !== '' ? below : intoFolder ? path.posix.basename(name) : '';
      const full = path.posix.join(destination, at).slice(1);
      this.files.set(full, { path: full, content: this.options.context.read(file), executable: mode ?? this.options.context.executable(file) });
    }
  }

  /** Whether --chmod makes the files executable; undefined if it says nothing. Owners have no meaning here. */
  private flags(text: string, line: number): boolean | undefined {
    let executable: boolean | undefined;
    for (const flag of words(text)) {
      if (flag.startsWith('--chmod=')) executable = (Number.parseInt(flag.slice('--chmod='.length), 8) & 0o100) !== 0;
      else if (!flag.startsWith('--chown=') && flag !== '--link') throw new DockerError(`Dockerfile:${line}\nERROR: the twin does not build COPY ${flag}; it knows --chmod, --chown and --link`);
    }
    return executable;
  }

  private expand(text: string): string {
    return substitute(text, Object.fromEntries([...this.arguments, ...this.environment]));
  }
}

function commandOf(text: string): string[] {
  return execForm(text) ?? ['/bin/sh', '-c', text];
}
