import * as fs from 'node:fs';
import * as path from 'node:path';
import { glob } from '../../jobs/build-context';
import { listFolder } from '../../jobs/folder';
import type { ArchiveFile } from '../../jobs/archive';
import type { ArtifactSpec } from './buildspec';

/** Nothing matches what the buildspec says is to be kept. */
export class NoArtifacts extends Error {}

/** The files that a buildspec's artifact section chooses. */
export function chooseFiles(source: string, spec: ArtifactSpec): ArchiveFile[] {
  const base = path.resolve(source, spec.baseDirectory);
  if (!fs.existsSync(base)) throw new NoArtifacts(`no matching base directory path found for ${spec.baseDirectory}`);
  const matches = (pattern: string) => new RegExp(`^${glob(path.posix.normalize(pattern), true)}$`);
  const wanted = spec.files.map(matches);
  const excluded = spec.excludePaths.map(matches);
  const names = listFolder(base).filter((name) => wanted.some((pattern) => pattern.test(name)) && !excluded.some((pattern) => pattern.test(name)));
  if (names.length === 0) throw new NoArtifacts(`no matching artifact paths found for ${spec.files.join(', ')}`);
  return names.map((name) => ({
    path: spec.discardPaths ? path.posix.basename(name) : name,
    content: fs.readFileSync(path.join(base, name)),
    executable: (fs.statSync(path.join(base, name)).mode & 0o100) !== 0,
  }));
}
