import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

interface Repository {
  readonly directory: string;
  readonly branch: string;
}

export interface Commit {
  readonly id: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Repositories behind CodeConnections: folders of this machine that stand for what a connection would reach. */
export class Connections {
  private readonly repositories = new Map<string, Repository>();

  register(connectionArn: string, fullRepositoryId: string, directory: string, branch = 'main'): void {
    this.repositories.set(keyOf(connectionArn, fullRepositoryId), { directory, branch });
  }

  /** What the branch holds now; undefined if nobody registered the repository or it has no such branch. */
  head(connectionArn: string, fullRepositoryId: string, branch: string): Commit | undefined {
    const repository = this.repositories.get(keyOf(connectionArn, fullRepositoryId));
    if (repository === undefined || repository.branch !== branch) return undefined;
    const files = Object.fromEntries(listFiles(repository.directory).map((path) => [
      relative(repository.directory, path).split(sep).join('/'), new Uint8Array(readFileSync(path)),
    ]));
    const hash = createHash('sha1');
    for (const [name, body] of Object.entries(files)) hash.update(name).update('\0').update(body).update('\0');
    return { id: hash.digest('hex'), files };
  }
}

function keyOf(connectionArn: string, fullRepositoryId: string): string {
  return `${connectionArn} ${fullRepositoryId}`;
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => name !== '.git')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? listFiles(join(directory, entry.name)) : [join(directory, entry.name)]));
}
