import { mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { CustomResource, DefaultStackSynthesizer, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Twin } from '../../twin';
import { synth } from './template/fakes';

/** Answers CloudFormation after writing an object, which it deletes in the end. */
const HANDLER = `
const http = require('http');
const { S3Client, PutObjectCommand, DeleteObjectCommand } = require(${JSON.stringify(require.resolve('@aws-sdk/client-s3'))});
const s3 = new S3Client({});

exports.handler = async (event) => {
  const answer = { StackId: event.StackId, RequestId: event.RequestId, LogicalResourceId: event.LogicalResourceId, PhysicalResourceId: 'marker' };
  const where = { Bucket: process.env.BUCKET, Key: 'marker' };
  try {
    await s3.send(event.RequestType === 'Delete' ? new DeleteObjectCommand(where) : new PutObjectCommand({ ...where, Body: 'here' }));
    await put(event.ResponseURL, { ...answer, Status: 'SUCCESS', Data: { Size: 4 } });
  } catch (error) {
    await put(event.ResponseURL, { ...answer, Status: 'FAILED', Reason: error.message });
  }
};

const put = (url, body) => new Promise((resolve, reject) => {
  const text = JSON.stringify(body);
  http.request(url, { method: 'PUT', headers: { 'content-length': Buffer.byteLength(text) } }, (response) => {
    response.resume().on('end', resolve);
  }).on('error', reject).end(text);
});
`;

function app(permitted: boolean): string {
  const code = mkdtempSync(join(tmpdir(), 'twin-handler-'));
  writeFileSync(join(code, 'index.js'), HANDLER);
  return synth((stack: Stack) => {
    const bucket = new Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
    const handler = new LambdaFunction(stack, 'Handler', {
      runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: Code.fromAsset(code), environment: { BUCKET: bucket.bucketName },
    });
    const marker = new CustomResource(stack, 'Marker', { serviceToken: handler.functionArn });
    // The function depends on its policy, but it is created before; the custom resource must wait for both.
    if (permitted) bucket.grantReadWrite(handler).applyBefore(marker);
  }, { synthesizer: new DefaultStackSynthesizer() });
}

const twins: Twin[] = [];
const start = async (directory: string) => {
  const twin = await Twin.fromAssembly(directory);
  twins.push(twin);
  return twin;
};
afterEach(async () => {
  for (const twin of twins.splice(0)) await twin.stop();
});

test('a stack with a function, a bucket and a custom resource comes and goes, permissions enforced', async () => {
  const twin = await start(app(true));
  await twin.deploy();
  const written = twin.record.find(({ operation, caller }) => operation === 'PutObject' && caller.kind === 'role');
  expect(written).toMatchObject({ service: 's3', authorized: [{ action: 's3:PutObject' }] });
  expect(written?.error).toBeUndefined();
  await twin.destroy();
  expect(twin.record.filter(({ operation }) => operation === 'DeleteObject')).toHaveLength(1);
  // Lambda itself made the log group, so the stack does not take it along, on AWS either.
  expect(twin.remaining()).toEqual([expect.stringContaining(':log-group:/aws/lambda/Test-Handler')]);
});

test('without the permission the stack rolls back and says whose call was denied', async () => {
  const twin = await start(app(false));
  await expect(twin.deploy()).rejects.toThrow(/Marker.*assumed-role\/Test-HandlerServiceRole\S+ is not authorized to perform: s3:PutObject on resource/);
  expect(twin.cloudFormation.stacks.find('Test')?.status).toBe('ROLLBACK_FAILED');
});
