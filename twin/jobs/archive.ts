import { gunzipSync, gzipSync } from 'node:zlib';

/** A file of an archive or a folder. Paths are relative, with `/`. */
export interface ArchiveFile {
  readonly path: string;
  readonly content: Buffer;
  readonly executable?: boolean;
}

const BLOCK = 512;
const END = Buffer.alloc(2 * BLOCK);

/** A tar archive that depends on nothing but the files: sorted, without times and owners. */
export function tar(files: readonly ArchiveFile[]): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  return Buffer.concat([...sorted.flatMap(entry), END]);
}

export function tarGz(files: readonly ArchiveFile[]): Buffer {
  return gzipSync(tar(files));
}

/** The regular files of a tar archive, gzipped or not. Refuses what would land outside the folder it is unpacked into. */
export function untar(archive: Buffer): ArchiveFile[] {
  const bytes = archive[0] === 0x1f && archive[1] === 0x8b ? gunzipSync(archive) : archive;
  const files: ArchiveFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const header = bytes.subarray(at, at + BLOCK);
    const size = octal(header, 124, 12);
    const content = bytes.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) throw new Error(`the archive ends after ${bytes.length} bytes, inside a file`);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156]!);
    if (type === 'x') longName = paxPath(content) ?? longName;
    else if (type === 'L') longName = text(content, 0, content.length);
    else if (type === '0' || type === '\0') {
      files.push({ path: safe(longName ?? nameOf(header)), content: Buffer.from(content), executable: (octal(header, 100, 8) & 0o100) !== 0 });
      longName = undefined;
    } else if (type === '5' || type === 'g') longName = undefined;
    else throw new Error(`the archive holds an entry of type ${type}, ${longName ?? nameOf(header)}; only files and folders are supported`);
  }
  return files;
}

/** The path without leading `./`; an error if it leads out of its folder. */
export function safe(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.includes('..')) throw new Error(`the path ${path} leads out of its folder`);
  return parts.join('/');
}

function entry(file: ArchiveFile): Buffer[] {
  const path = Buffer.from(file.path);
  const long = path.length > 100 ? record('././@PaxHeader', pax(file.path), 'x', 0o644) : [];
  return [...long, ...record(path.subarray(0, 100), file.content, '0', file.executable ? 0o755 : 0o644)];
}

function record(name: string | Buffer, content: Buffer, type: string, mode: number): Buffer[] {
  const header = Buffer.alloc(BLOCK);
  Buffer.from(name).copy(header, 0);
  const field = (value: number, offset: number, width: number) => header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, offset);
  field(mode, 100, 8);
  field(0, 108, 8);
  field(0, 116, 8);
  field(content.length, 124, 12);
  field(0, 136, 12);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function pax(path: string): Buffer {
  const body = ` path=${path}\n`;
  let length = Buffer.byteLength(body) + 1;
  while (String(length).length + Buffer.byteLength(body) !== length) length = String(length).length + Buffer.byteLength(body);
  return Buffer.from(`${length}${body}`);
}

function paxPath(content: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString('utf8'))?.[1];
}

function nameOf(header: Buffer): string {
  const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : '';
  return prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
}

function text(buffer: Buffer, offset: number, width: number): string {
  const end = buffer.indexOf(0, offset);
  return buffer.toString('utf8', offset, end === -1 || end > offset + width ? offset + width : end);
}

function octal(header: Buffer, offset: number, width: number): number {
  const value = text(header, offset, width).trim();
  return value === '' ? 0 : Number.parseInt(value, 8);
}
