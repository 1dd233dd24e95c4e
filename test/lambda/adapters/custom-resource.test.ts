import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answer } from '../../../lambda/adapters/custom-resource';
import type { CustomResourceRequest } from '../../../lib/serving/retire-endpoint.contract';

interface Received {
  readonly method: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

let server: Server;
let received: Received[];
let status: number;
let request: CustomResourceRequest;

beforeEach(async () => {
  received = [];
  status = 200;
  server = createServer((message: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      received.push({ method: message.method, contentType: message.headers['content-type'], body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  request = {
    RequestType: 'Delete', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Retirement', PhysicalResourceId: 'endpoint-retirement',
    ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/answer?signed`,
  } as CustomResourceRequest;
});

afterEach(() => new Promise((resolve) => { server.close(resolve); }));

test('puts the answer to the presigned URL, without a content type, which is not signed', async () => {
  await answer(request, { status: 'SUCCESS', physicalResourceId: 'endpoint-retirement' });
  expect(received).toHaveLength(1);
  const [{ method, contentType, body }] = received as [Received];
  expect([method, contentType || undefined]).toEqual(['PUT', undefined]);
  expect(JSON.parse(body)).toEqual({
    Status: 'SUCCESS', Reason: 'done', PhysicalResourceId: 'endpoint-retirement', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Retirement',
  });
});

test('a failure carries its reason, cut to what CloudFormation takes', async () => {
  await answer(request, { status: 'FAILED', physicalResourceId: 'endpoint-retirement', reason: `delete it first; ${'x'.repeat(10_000)}` });
  const { body } = received[0]!;
  expect(JSON.parse(body)).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/^delete it first; x+$/) });
  expect(Buffer.byteLength(body)).toBeLessThan(4096);
});

test('an answer that is not taken is an error', async () => {
  status = 403;
  await expect(answer(request, { status: 'SUCCESS', physicalResourceId: 'a' })).rejects.toThrow('CloudFormation did not take the answer: HTTP 403');
});
