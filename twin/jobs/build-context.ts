import * as fs from 'node:fs';
import * as path from 'node:path';
import { listFolder } from './folder';

/** The files that a build can copy: those of a folder that its .dockerignore does not leave out. */
export class BuildContext {
  readonly files: readonly string[];

  constructor(readonly folder: string) {
    const ignore = path.join(folder, '.dockerignore');
    const ignored = fs.existsSync(ignore) ? ignoreRules(fs.readFileSync(ignore, 'utf8')) : () => false;
    this.files = listFolder(folder).filter((file) => !ignored(file));
  }

  read(file: string): Buffer {
    return fs.readFileSync(path.join(this.folder, file));
  }

  executable(file: string): boolean {
    return (fs.statSync(path.join(this.folder, file)).mode & 0o100) !== 0;
  }

  /**
   * What a source of COPY names: a file, or a folder with everything below it. Each match lists its files with their
   * path below the match, '' for a file itself.
   */
  match(source: string): Array<{ readonly name: string; readonly files: ReadonlyArray<{ file: string; below: string }> }> {
    const pattern = path.posix.normalize(source).replace(/^(\.\.\/)+|^\/+/, '').replace(/\/$/, '');
    if (pattern === '.' || pattern === '') return [{ name: '.', files: this.files.map((file) => ({ file, below: file })) }];
    const depth = pattern.split('/').length;
    const expression = new RegExp(`^${glob(pattern, false)}$`);
    const matches = new Map<string, Array<{ file: string; below: string }>>();
    for (const file of this.files) {
      const parts = file.split('/');
      const name = parts.slice(0, depth).join('/');
      if (parts.length < depth || !expression.test(name)) continue;
      matches.set(name, [...(matches.get(name) ?? []), { file, below: parts.slice(depth).join('/') }]);
    }
    return [...matches].map(([name, files]) => ({ name, files }));
  }
}

/** The later line wins; `!` brings back. A line that names a folder covers what lies below it. */
function ignoreRules(source: string): (file: string) => boolean {
  const rules = source.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const keep = line.startsWith('!');
    const pattern = path.posix.normalize((keep ? line.slice(1) : line).trim()).replace(/^\/+|\/+$/g, '');
    return { keep, expression: new RegExp(`^${glob(pattern, true)}(?:/|$)`) };
  });
  return (file) => rules.reduce((ignored, rule) => (rule.expression.test(file) ? !rule.keep : ignored), false);
}

/** Go's filepath.Match as a regular expression; with `doubleStar` also `**` for any number of folders. */
export function glob(pattern: string, doubleStar: boolean): string {
  let result = '';
  for (let at = 0; at < pattern.length; at++) {
    const rest = pattern.slice(at);
    if (doubleStar && rest.startsWith('**/')) {
      result += '(?:.*/)?';
      at += 2;
    } else if (doubleStar && rest.startsWith('**')) {
      result += '.*';
      at += 1;
    } else if (rest[0] === '*') result += '[^/]*';
    else if (rest[0] === '?') result += '[^/]';
    else if (/^\[[^\]]+\]/.test(rest)) {
      const set = /^\[[^\]]+\]/.exec(rest)![0];
      result += set;
      at += set.length - 1;
    } else result += rest[0]!.replace(/[\\^$.|+(){}[\]]/g, '\\$&');
  }
  return result;
}
