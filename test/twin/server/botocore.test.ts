import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { serve, type TwinServer } from '../../../twin/server/serve';
import { describeWith } from '../differential/python';

/* What AWS's own Python client makes of the server, at a virtual time far from the machine's. */

let server: TwinServer;
beforeAll(async () => {
  server = await serve({ port: 0, seed: 1, speed: 600, startTime: new Date('2001-02-01T00:00:00Z'), account: '123456789012', region: 'us-east-1' });
});
afterAll(() => server.stop());

function python(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', [path.join(__dirname, script)], { env: { ...process.env, ...server.environment, AWS_EC2_METADATA_DISABLED: 'true' } });
    let [text, errors] = ['', ''];
    child.stdout.on('data', (part: Buffer) => { text += part.toString(); });
    child.stderr.on('data', (part: Buffer) => { errors += part.toString(); });
    child.on('error', reject).on('close', (code) => { if (code === 0) resolve(text); else reject(new Error(errors)); });
  });
}

describeWith(['botocore'], 'botocore', () => {
  test('deploys by change sets, waits, pages, stores, and deletes', async () => {
    expect(JSON.parse(await python('make_calls.py'))).toEqual({
      identity: 'arn:aws:iam::123456789012:user/administrator', changes: ['Bucket', 'Value'], status: 'CREATE_COMPLETE', value: true,
      // The stack's review, begin and end, and two of each resource.
      events: 7, object: 'text', keys: ['folder/a b+ä'], gone: 'Stack with id Python does not exist',
      unknown: 'the twin knows no operation DescribeInstances of ec2',
    });
    expect(server.twin.remaining()).toEqual([]);
    // Nothing was sent twice.
    const failed = server.twin.record.filter(({ error }) => error !== undefined);
    expect(failed.map(({ operation }) => operation)).toEqual(['DescribeStacks']);
  });
});
