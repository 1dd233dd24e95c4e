import type { ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import type { Principal } from '../service';
import type { World } from '../world';
import type { ContainerOptions } from './container';
import { ended, killContainer, startContainer } from './container';
import { fingerprints, readFolder, sha256, writeFolder } from './folder';
import { JobMemory } from './job-memory';
import { containerCredentials } from './container-credentials';

export interface JobOptions extends ContainerOptions {
  /** For messages: `training job x`. */
  readonly label: string;
  /** Whose credentials the container finds; none if it has no network. */
  readonly principal?: Principal;
  /** Further variables that name this very run: given to the container, but no reason to compute it again. */
  readonly identity?: Readonly<Record<string, string>>;
  /** Files below `mlRoot` of the same kind, such as a configuration that repeats the job's name. */
  readonly identityFiles?: readonly string[];
  /** Real milliseconds after which the process is ended. */
  readonly wallLimit?: number;
  /** Where results are remembered; undefined computes always. */
  readonly memory?: JobMemory;
}

export interface JobResult {
  /** As a shell would report it; 128 + number for a signal. */
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly timedOut: boolean;
  readonly remembered: boolean;
}

const WALL_LIMIT = 10 * 60_000;
const LINE_LIMIT = 20_000;

/** Runs a container to its end on the files below `mlRoot`, or repeats what the same container did on the same files before. */
export async function runJob(world: World, options: JobOptions): Promise<JobResult> {
  const before = fingerprints(options.mlRoot);
  const memory = 'memory' in options ? options.memory : JobMemory.default();
  const key = memory === undefined ? '' : keyOf(options, before);
  const known = memory?.recall(key);
  if (known !== undefined) {
    writeFolder(options.mlRoot, known.files);
    return { exitCode: 0, lines: known.lines, timedOut: false, remembered: true };
  }
  const calls = world.record.length;
  const environment = {
    ...options.environment, ...options.identity,
    ...(options.principal === undefined ? {} : await containerCredentials(world, options.principal)),
  };
  const result = await world.clock.io(options.label, () => finish(startContainer({ ...options, environment }), options));
  // A container that called AWS did more than turn files into files: what it found there may be different next time.
  const pure = !world.record.slice(calls).some((call) => JSON.stringify(call.caller) === JSON.stringify(options.principal));
  if (memory !== undefined && result.exitCode === 0 && pure) {
    const files = readFolder(options.mlRoot).filter((file) => before.get(file.path) !== sha256(file.content));
    memory.keep(key, { lines: result.lines, files });
  }
  return result;
}

/** Everything that decides what the container does. */
function keyOf(options: JobOptions, files: ReadonlyMap<string, string>): string {
  return sha256(JSON.stringify([
    1, // the version of this scheme
    options.image.digest, options.architecture ?? options.image.architecture, options.entrypoint ?? [], options.arguments ?? [], Object.entries(options.environment).sort(),
    [...files].filter(([name]) => !options.identityFiles?.includes(name)),
  ]));
}

async function finish(child: ChildProcess, options: JobOptions): Promise<JobResult> {
  const lines: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => { if (lines.length < LINE_LIMIT) lines.push(line); });
  }
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killContainer(child, 'SIGKILL');
  }, options.wallLimit ?? WALL_LIMIT);
  try {
    const { code, signal } = await ended(child);
    return { exitCode: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15), lines, timedOut, remembered: false };
  } finally {
    clearTimeout(timer);
  }
}

/** A fresh folder that stands for a job's `/opt/ml`. */
export function scratchRoot(world: World, name: string): string {
  const parent = path.join(world.workDir, 'ml');
  fs.mkdirSync(parent, { recursive: true });
  const folder = fs.mkdtempSync(path.join(parent, `${name}-`));
  fs.mkdirSync(path.join(folder, 'ml'));
  return path.join(folder, 'ml');
}

export function removeScratch(mlRoot: string): void {
  fs.rmSync(path.dirname(mlRoot), { recursive: true, force: true });
}
