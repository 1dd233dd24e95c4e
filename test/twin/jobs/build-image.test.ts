import { describe as describeImage, filesOf } from '../../../twin/jobs/image';
import { imageFrom } from './images';

const paths = (dockerfile: string, files: Record<string, string>) => filesOf(imageFrom(dockerfile, files)).map((file) => file.path).sort();
const config = (dockerfile: string) => describeImage(imageFrom(dockerfile)).config;

describe('what a Dockerfile makes of its context', () => {
  const files = { 'app/main.py': '1', 'app/lib/util.py': '2', 'a.txt': 'a', 'b.txt': 'b', 'notes.md': 'n' };

  test.each([
    ['a folder copies what is in it', 'COPY app /opt/x', ['opt/x/lib/util.py', 'opt/x/main.py']],
    ['everything', 'WORKDIR /srv\nCOPY . .', ['srv/a.txt', 'srv/app/lib/util.py', 'srv/app/main.py', 'srv/b.txt', 'srv/notes.md']],
    ['a file under another name', 'COPY a.txt /x/renamed.txt', ['x/renamed.txt']],
    ['a file into a folder', 'COPY a.txt /x/', ['x/a.txt']],
    ['a pattern', 'COPY *.txt /x/', ['x/a.txt', 'x/b.txt']],
    ['several, exec form, a variable', 'ENV TO=/x\nCOPY ["a.txt", "app/main.py", "${TO}/"]', ['x/a.txt', 'x/main.py']],
  ])('COPY: %s', (_, instruction, expected) => {
    expect(paths(`FROM python:3\n${instruction}\n`, files)).toEqual(expected);
  });

  test('.dockerignore leaves out, the last line wins', () => {
    const ignore = '# no notes\n*.md\n**/lib\n*.txt\n!b.txt\n.dockerignore';
    expect(paths('FROM python:3\nCOPY . /x', { ...files, '.dockerignore': ignore })).toEqual(['x/app/main.py', 'x/b.txt']);
  });

  test.each([
    ['a missing source', 'COPY missing /x', '"/missing": not found'],
    ['two files without a folder', 'COPY a.txt b.txt /x', 'the destination must be a directory and end with a /'],
    ['another stage', 'COPY --from=build /a /b', 'the twin does not build COPY --from=build'],
    ['ADD', 'ADD a.txt /x', 'the twin does not build ADD'],
    ['a misspelt instruction', 'CPOY a b', 'the twin does not build CPOY'],
    ['a second stage', 'FROM python:3', 'several stages'],
  ])('%s is an error', (_, instruction, message) => {
    expect(() => imageFrom(`FROM python:3\n${instruction}\n`, files)).toThrow(message);
  });

  test('instructions before FROM, and none at all, are errors', () => {
    expect(() => imageFrom('COPY a b')).toThrow('no build stage in current context');
    expect(() => imageFrom('# nothing')).toThrow('the Dockerfile cannot be empty');
  });

  test('how it starts', () => {
    expect(config('FROM python:3\nWORKDIR /opt\nWORKDIR app\nENV A=1 B="two words"\nENV C $A-3\nENTRYPOINT ["python3", "x.py"]\nCMD ["serve"]')).toEqual({
      WorkingDir: '/opt/app',
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'A=1', 'B=two words', 'C=1-3'],
      Entrypoint: ['python3', 'x.py'],
      Cmd: ['serve'],
    });
    expect(config('FROM python:3\nENTRYPOINT python3 x.py').Entrypoint).toEqual(['/bin/sh', '-c', 'python3 x.py']);
  });

  test('RUN is recorded and said not to run; comments may stand inside', () => {
    const image = imageFrom('FROM python:3\nRUN pip install \\\n  # why\n  numpy\n');
    expect(describeImage(image).history).toContainEqual({ created_by: 'RUN pip install numpy', comment: 'recorded by the twin, not run', empty_layer: true });
  });

  test('the digest is of the content: same content same digest, another file another', () => {
    const build = (content: string) => imageFrom('FROM python:3\nCOPY . /x', { 'a.txt': content }).digest;
    expect(build('1')).toBe(build('1'));
    expect(build('1')).not.toBe(build('2'));
  });
});
