import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ArchiveFile } from './archive';
import { tarGz, untar } from './archive';

/** What a job that succeeded printed, and the files it wrote below `/opt/ml`. */
export interface RememberedRun {
  readonly lines: readonly string[];
  readonly files: readonly ArchiveFile[];
}

const LINES = 'lines.json';
const FILES = 'files/';
/** Runs kept in memory; more are on disk only. */
const LIMIT = 256;

/**
 * Results of successful jobs by the content of everything that went in, so that the same job is not computed a hundred
 * times. Kept in memory and, if there is a folder, on disk: one archive per run.
 */
export class JobMemory {
  private readonly runs = new Map<string, RememberedRun>();
  private static shared: JobMemory | undefined;

  constructor(private readonly folder?: string) {}

  /** The memory of this process. `CDK_MLOPS_TWIN_JOB_CACHE` names its folder; `off` computes every job. */
  static default(): JobMemory | undefined {
    const setting = process.env.CDK_MLOPS_TWIN_JOB_CACHE;
    if (setting === 'off') return undefined;
    const modules = path.resolve('node_modules');
    return (this.shared ??= new JobMemory(setting ?? (fs.existsSync(modules) ? path.join(modules, '.cache', 'cdk-mlops-twin', 'jobs') : undefined)));
  }

  recall(key: string): RememberedRun | undefined {
    const known = this.runs.get(key);
    if (known !== undefined) return known;
    const file = this.file(key);
    if (file === undefined || !fs.existsSync(file)) return undefined;
    const files = untar(fs.readFileSync(file));
    const lines = files.find((entry) => entry.path === LINES);
    if (lines === undefined) throw new Error(`${file} is not a remembered job; delete it`);
    const run = {
      lines: JSON.parse(lines.content.toString('utf8')) as string[],
      files: files.filter((entry) => entry.path.startsWith(FILES)).map((entry) => ({ ...entry, path: entry.path.slice(FILES.length) })),
    };
    this.hold(key, run);
    return run;
  }

  keep(key: string, run: RememberedRun): void {
    this.hold(key, run);
    const file = this.file(key);
    if (file === undefined) return;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const archive = tarGz([
      { path: LINES, content: Buffer.from(JSON.stringify(run.lines)) },
      ...run.files.map((entry) => ({ ...entry, path: `${FILES}${entry.path}` })),
    ]);
    // Several processes may share the folder: a rename shows them the whole file or none.
    const part = `${file}.${process.pid}`;
    fs.writeFileSync(part, archive);
    fs.renameSync(part, file);
  }

  private hold(key: string, run: RememberedRun): void {
    this.runs.set(key, run);
    for (const oldest of this.runs.keys()) {
      if (this.runs.size <= LIMIT) break;
      this.runs.delete(oldest);
    }
  }

  private file(key: string): string | undefined {
    return this.folder === undefined ? undefined : path.join(this.folder, `${key}.tar.gz`);
  }
}
