import { spawn } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { ADMINISTRATOR } from '../../../twin';
import { serve, type TwinServer } from '../../../twin/server/serve';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

const CDK = path.resolve(__dirname, '../../../node_modules/aws-cdk/bin/cdk');
const POLL_FASTER = path.resolve(__dirname, '../../../scripts/acceptance/poll-faster.cjs');
const scratch = mkdtempSync(path.join(tmpdir(), 'twin-cdk-'));
let server: TwinServer;
beforeAll(async () => {
  server = await serve({ port: 0, seed: 1, speed: 600, startTime: new Date(), account: '123456789012', region: 'us-east-1' });
});
afterAll(async () => {
  await server.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** A stack with an asset, a role and a parameter, all of which need a bootstrapped account. */
function synth(value: string): string {
  const directory = path.join(scratch, value);
  const source = path.join(scratch, `${value}-source`);
  mkdirSync(source);
  writeFileSync(path.join(source, 'file.txt'), value);
  const app = new App({ outdir: directory, analyticsReporting: false });
  const stack = new Stack(app, 'Cli');
  const asset = new Asset(stack, 'Asset', { path: source });
  new StringParameter(stack, 'Parameter', { parameterName: '/cli/value', stringValue: `${value} ${asset.s3ObjectKey}` });
  new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const bucket = new Bucket(stack, 'Bucket', { removalPolicy: RemovalPolicy.DESTROY });
  // The name is the bootstrap template's own.
  if (value === 'broken') new StringParameter(stack, 'Taken', { parameterName: '/cdk-bootstrap/hnb659fds/version', stringValue: '1' });
  new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
  app.synth();
  return directory;
}

function cdk(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CDK, ...args, '--no-notices', '--no-color', '--ci'], {
      cwd: scratch,
      env: {
        PATH: process.env.PATH, HOME: scratch, ...server.environment, NODE_OPTIONS: `--require ${POLL_FASTER}`,
        CDK_DISABLE_VERSION_CHECK: '1', AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => { output += text.toString(); });
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}

const call = (service: string, operation: string, input: object): Promise<any> => server.twin.call({ service, operation, input, caller: ADMINISTRATOR });
const deployed = async () => (await call('ssm', 'GetParameter', { Name: '/cli/value' })).Parameter.Value as string;

test('the CDK command line bootstraps with its own template, deploys, changes, is rolled back and destroys', async () => {
  const bootstrap = await cdk('bootstrap', 'aws://123456789012/us-east-1');
  expect(bootstrap).toMatchObject({ code: 0, output: expect.stringContaining('Environment aws://123456789012/us-east-1 bootstrapped.') });

  const first = synth('first');
  expect(await cdk('deploy', '--app', first, '--require-approval', 'never', '--tags', 'team=ml')).toMatchObject({ code: 0, output: expect.stringContaining('Cli.BucketName = ') });
  expect(await deployed()).toMatch(/^first [0-9a-f]{64}\.zip$/);
  // Assets are published and the stack is deployed by the roles that the bootstrap template made.
  const caller = (operation: string) => (server.twin.record.findLast((each) => each.operation === operation)!.caller as { roleArn?: string }).roleArn;
  expect(caller('PutObject')).toContain('role/cdk-hnb659fds-file-publishing-role-');
  expect(caller('ExecuteChangeSet')).toContain('role/cdk-hnb659fds-deploy-role-');
  const { Stacks: [stack] } = await call('cloudformation', 'DescribeStacks', { StackName: 'Cli' });
  expect(stack).toMatchObject({ Tags: [{ Key: 'team', Value: 'ml' }], RoleARN: expect.stringContaining('role/cdk-hnb659fds-cfn-exec-role-') });

  expect(await cdk('deploy', '--app', first, '--require-approval', 'never', '--tags', 'team=ml')).toMatchObject({ code: 0, output: expect.stringContaining('(no changes)') });

  const second = synth('second');
  expect(await cdk('diff', '--app', second)).toMatchObject({ code: 0, output: expect.stringContaining('[~] AWS::SSM::Parameter') });
  expect(await deployed()).toMatch(/^first /);
  expect(await cdk('deploy', '--app', second, '--require-approval', 'never', '--tags', 'team=ml')).toMatchObject({ code: 0 });
  expect(await deployed()).toMatch(/^second /);

  const broken = await cdk('deploy', '--app', synth('broken'), '--require-approval', 'never', '--tags', 'team=ml');
  expect(broken).toMatchObject({ code: 1, output: expect.stringContaining('The parameter already exists: /cdk-bootstrap/hnb659fds/version') });
  expect(await deployed()).toMatch(/^second /);

  expect(await cdk('destroy', '--app', second, '--force')).toMatchObject({ code: 0, output: expect.stringContaining('Cli: destroyed') });
  await expect(call('cloudformation', 'DescribeStacks', { StackName: 'Cli' })).rejects.toThrow('Stack with id Cli does not exist');
  expect(server.twin.remaining().filter((arn) => !/CDKToolkit|cdk-hnb659fds|cdk-bootstrap/.test(arn))).toEqual([]);
}, 240_000);
