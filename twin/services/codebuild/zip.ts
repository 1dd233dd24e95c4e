import { unzipSync, zipSync } from 'fflate';
import type { ArchiveFile } from '../../jobs/archive';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

/** The files of a zip archive, with their executable bits, which the unpacker itself does not tell. */
export function unzip(archive: Buffer): ArchiveFile[] {
  const modes = unixModes(archive);
  return Object.entries(unzipSync(archive)).filter(([path]) => !path.endsWith('/')).map(([path, content]) => ({
    path, content: Buffer.from(content), executable: ((modes.get(path) ?? 0) & 0o100) !== 0,
  }));
}

/** The same files make the same archive. */
export function zip(files: readonly ArchiveFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return Buffer.from(zipSync(Object.fromEntries(sorted.map(({ path, content, executable }) => [
    path, [new Uint8Array(content), { os: 3, attrs: (executable ? 0o100755 : 0o100644) << 16 }],
  ])), { mtime: new Date('1980-01-01T00:00:00') }));
}

function unixModes(archive: Buffer): Map<string, number> {
  const modes = new Map<string, number>();
  let end = archive.length - 22;
  while (end >= 0 && archive.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  if (end < 0) return modes; // not a zip archive: the unpacker says so
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0 && archive.readUInt32LE(at) === DIRECTORY_ENTRY; left--) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [number, number, number];
    modes.set(archive.toString('utf8', at + 46, at + 46 + name), archive.readUInt32LE(at + 38) >>> 16);
    at += 46 + name + extra + comment;
  }
  return modes;
}
