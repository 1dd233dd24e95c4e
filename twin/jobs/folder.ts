import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ArchiveFile } from './archive';
import { safe } from './archive';

/** All regular files below a folder, sorted by path; symbolic links are followed if they stay inside it. */
export function readFolder(folder: string): ArchiveFile[] {
  return listFolder(folder).map((name) => {
    const file = path.join(folder, name);
    return { path: name, content: fs.readFileSync(file), executable: (fs.statSync(file).mode & 0o100) !== 0 };
  });
}

export function listFolder(folder: string): string[] {
  const root = fs.realpathSync(folder);
  const names: string[] = [];
  const visit = (relative: string): void => {
    for (const name of fs.readdirSync(path.join(root, relative)).sort()) {
      const child = relative === '' ? name : `${relative}/${name}`;
      const real = fs.realpathSync(path.join(root, child));
      if (real !== root && !real.startsWith(`${root}${path.sep}`)) throw new Error(`${child} links to ${real}, outside ${folder}`);
      const kind = fs.statSync(real);
      if (kind.isDirectory()) visit(child);
      else if (kind.isFile()) names.push(child);
    }
  };
  visit('');
  return names.sort();
}

export function writeFolder(folder: string, files: readonly ArchiveFile[]): void {
  fs.mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const target = path.join(folder, safe(file.path));
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, file.content, { mode: file.executable ? 0o755 : 0o644 });
  }
}

/** SHA-256 of each file, by path. */
export function fingerprints(folder: string): Map<string, string> {
  return new Map(readFolder(folder).map((file) => [file.path, sha256(file.content)]));
}

export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
