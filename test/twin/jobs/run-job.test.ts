import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { JobMemory, ModelServer, removeScratch, runJob, scratchRoot, unpack } from '../../../twin/jobs';
import type { JobOptions } from '../../../twin/jobs';
import type { Principal } from '../../../twin/service';
import { imageFrom } from './images';
import { TestWorld } from './test-world';

const role: Principal = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/job', sessionName: 'SageMaker' };

describe('a container', () => {
  let world: TestWorld;
  beforeEach(() => { world = new TestWorld(); });
  afterEach(() => { world.remove(); });

  const container = (dockerfile: string, files: Record<string, string>) => unpack(world, imageFrom(`FROM python:3\n${dockerfile}`, files));
  const run = (options: Partial<JobOptions> & Pick<JobOptions, 'image'>) =>
    runJob(world, { label: 'test', mlRoot: scratchRoot(world, 'test'), environment: {}, memory: undefined, ...options });

  const script = (body: string) => container('COPY run.sh /opt/run.sh\nWORKDIR /work\nENV GREETING=hello\nENTRYPOINT ["/opt/run.sh"]', { 'run.sh*': `#!/bin/sh\n${body}` });

  test('starts from its entrypoint, in its folder, with its environment and nothing of ours', async () => {
    process.env.A_SECRET_OF_THIS_PROCESS = 'secret';
    const mlRoot = scratchRoot(world, 'env');
    const result = await run({ image: script('echo "$GREETING $1 $EXTRA"; pwd; env'), arguments: ['train'], environment: { EXTRA: '/opt/ml/model' }, mlRoot });
    expect(result.exitCode).toBe(0);
    expect(result.lines[0]).toBe(`hello train ${mlRoot}/model`);
    expect(result.lines[1]).toMatch(/images\/[0-9a-f]{64}\/work$/);
    expect(result.lines.join('\n')).not.toContain('A_SECRET_OF_THIS_PROCESS');
    expect(result.lines).toContain(`SM_ML_ROOT=${mlRoot}`);
    removeScratch(mlRoot);
  });

  test('credentials are to be asked for, and only where there is a principal', async () => {
    const ask = 'python3 -c "import os, urllib.request as r; print(r.urlopen(os.environ[\'AWS_CONTAINER_CREDENTIALS_FULL_URI\']).read().decode())"';
    const { lines: [answer] } = await run({ image: script(ask), principal: role });
    expect(JSON.parse(answer!)).toMatchObject({ AccessKeyId: 'key', SecretAccessKey: 'secret', Token: 'token' });
    expect((await run({ image: script('env'), principal: role })).lines.join()).not.toContain('secret');
    expect((await run({ image: script('echo "none:$AWS_CONTAINER_CREDENTIALS_FULL_URI"') })).lines).toEqual(['none:']);
  });

  test('reports its exit code, and is ended when it takes too long', async () => {
    expect((await run({ image: script('exit 3') })).exitCode).toBe(3);
    const slow = await run({ image: script('sleep 30 & sleep 30'), wallLimit: 200 });
    expect(slow).toMatchObject({ timedOut: true, exitCode: 137 });
  });

  test.each([
    ['a program that is not there', 'ENTRYPOINT ["/opt/missing"]', 'exec: "/opt/missing": stat /opt/missing: no such file or directory'],
    ['a program not on the path', 'ENTRYPOINT ["no-such-program"]', 'exec: "no-such-program": executable file not found in $PATH'],
    ['a file that may not be executed', 'COPY plain /opt/plain\nENTRYPOINT ["/opt/plain"]', 'exec: "/opt/plain": permission denied'],
    ['no entrypoint', 'ENV A=1', 'exec: "train": executable file not found in $PATH'],
  ])('cannot start from %s', async (_, dockerfile, message) => {
    await expect(run({ image: container(dockerfile, { plain: '#!/bin/sh\n' }), arguments: ['train'] })).rejects.toThrow(message);
  });

  test('finds programs of the image by its own PATH', async () => {
    const image = container('COPY train /opt/program/\nENV PATH="/opt/program:${PATH}"', { 'train*': '#!/bin/sh\necho trained' });
    expect((await run({ image, arguments: ['train'] })).lines).toEqual(['trained']);
  });

  describe('is remembered', () => {
    const image = () => script('cat "$SM_ML_ROOT/input" >> "$SM_ML_ROOT/out"; date +%N >> "$SM_ML_ROOT/out"');
    const once = async (memory: JobMemory, input: string, more: Partial<JobOptions> = {}) => {
      const mlRoot = scratchRoot(world, 'memory');
      writeFileSync(path.join(mlRoot, 'input'), input);
      const result = await run({ image: image(), mlRoot, memory, ...more });
      return { remembered: result.remembered, output: result.exitCode === 0 ? readFileSync(path.join(mlRoot, 'out'), 'utf8') : '' };
    };

    test('by image, files and settings; on disk, too', async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'twin-memory-'));
      const first = await once(new JobMemory(folder), 'a');
      const second = await once(new JobMemory(folder), 'a', { identity: { TRAINING_JOB_NAME: 'another' } });
      expect([first.remembered, second.remembered]).toEqual([false, true]);
      expect(second.output).toBe(first.output);
      expect((await once(new JobMemory(folder), 'b')).remembered).toBe(false);
      expect((await once(new JobMemory(folder), 'a', { environment: { X: '1' } })).remembered).toBe(false);
    });

    test('not if it failed', async () => {
      const memory = new JobMemory();
      for (const _ of [1, 2]) expect((await run({ image: script('exit 1'), memory })).remembered).toBe(false);
    });
  });
});

describe('a model server', () => {
  const world = new TestWorld();
  afterAll(() => { world.remove(); });
  const SERVER = [
    'import http.server, os, sys',
    'class Handler(http.server.BaseHTTPRequestHandler):',
    '    protocol_version = "HTTP/1.1"',
    '    wbufsize = -1',
    '    def answer(self, status, body):',
    '        self.send_response(status); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)',
    '    def do_GET(self): self.answer(200, b"")',
    '    def do_POST(self): self.answer(200, self.rfile.read(int(self.headers["Content-Length"])).upper())',
    'assert sys.argv[1] == "serve"',
    'http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()',
  ].join('\n');
  const start = (server: string, startLimit?: number) => ModelServer.start(world, {
    label: 'test server', image: unpack(world, imageFrom('FROM python:3\nWORKDIR /app\nCOPY s.py .\nENTRYPOINT ["python3", "s.py"]', { 's.py': server })),
    environment: {}, mlRoot: scratchRoot(world, 'server'), startLimit,
  });

  test('is healthy once it stands, answers, and ends', async () => {
    const server = await start(SERVER);
    const answer = await server.invoke({ body: 'abc', headers: { 'content-type': 'text/csv' } });
    expect([answer.status, answer.body.toString()]).toEqual([200, 'ABC']);
    await server.stop();
    expect(server.running).toBe(false);
    await expect(server.invoke({ body: 'abc' })).rejects.toThrow('ECONNREFUSED');
  });

  test('that ends or never answers gives its last words', async () => {
    await expect(start('print("no model found"); raise SystemExit(4)')).rejects.toThrow(/the container ended with code 4\nno model found/);
    await expect(start('import time; time.sleep(60)', 200)).rejects.toThrow('no healthy answer to GET /ping within 0.2 seconds');
  });
});
