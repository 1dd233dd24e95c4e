import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { BuildContext } from '../../../twin/jobs/build-context';
import { buildImage } from '../../../twin/jobs/build-image';
import { parseDockerfile } from '../../../twin/jobs/dockerfile';
import type { Image, ImageFormat } from '../../../twin/jobs/image';

/** A folder with these files; a name that ends with `*` is executable. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'twin-context-'));
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name.replace(/\*$/, ''));
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: name.endsWith('*') ? 0o755 : 0o644 });
  }
  return folder;
}

export function imageFrom(dockerfile: string, files: Readonly<Record<string, string>> = {}, architecture = 'amd64', format: ImageFormat = 'docker'): Image {
  return buildImage(parseDockerfile(dockerfile), { context: new BuildContext(folderOf(files)), architecture, format });
}
