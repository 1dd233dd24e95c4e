import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { unzipSync } from 'fflate';
import { App, BootstraplessSynthesizer, CfnOutput, CfnRule, DefaultStackSynthesizer, Duration, Fn, Stack, Stage } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Twin, type Fault } from '../../twin';
import { zipDirectory } from '../../twin/template';
import { fakeTwin, stopTwins, synth, thing } from './template/fakes';

afterEach(stopTwins);

const directory = () => {
  const path = mkdtempSync(join(tmpdir(), 'twin-asset-'));
  mkdirSync(join(path, 'inner'));
  writeFileSync(join(path, 'b.txt'), 'b');
  writeFileSync(join(path, 'inner', 'a.sh'), '#!/bin/sh\n', { mode: 0o755 });
  return path;
};

test('publishes assets into the bootstrap bucket, once, before the stack', async () => {
  const source = directory();
  const { twin, s3 } = await fakeTwin(synth((stack) => {
    const asset = new Asset(stack, 'Code', { path: source });
    new CfnOutput(stack, 'Bucket', { value: asset.s3BucketName });
    new CfnOutput(stack, 'Key', { value: asset.s3ObjectKey });
    thing(stack, 'One');
  }, { synthesizer: new DefaultStackSynthesizer() }));
  const { Test } = await twin.deploy();
  expect(Test?.Bucket).toBe('cdk-hnb659fds-assets-123456789012-us-east-1');
  const archive = unzipSync(s3.objects.get(Test!.Key!)!);
  expect(Object.keys(archive)).toEqual(['b.txt', 'inner/a.sh']);
  const puts = () => twin.record.filter(({ operation }) => operation === 'PutObject').length;
  const before = puts();
  await twin.deploy();
  expect(puts()).toBe(before);
  await twin.destroy();
  expect(twin.remaining()).toEqual([]);
});

test('publishes in spite of throttling and lost connections', async () => {
  const faults: Fault[] = ['throttle', 'lost-request', 'lost-response'];
  const { twin, s3 } = await fakeTwin(synth((stack) => {
    new Asset(stack, 'Code', { path: directory() });
    thing(stack, 'One');
  }, { synthesizer: new DefaultStackSynthesizer() }), { faults: { decide: ({ service }) => (service === 's3' ? faults.shift() : undefined) } });
  await twin.deploy();
  expect(faults).toEqual([]);
  expect(s3.objects.size).toBe(2);
});

test('refuses a stack that wants a newer bootstrap', async () => {
  const { twin } = await fakeTwin(synth((stack) => {
    thing(stack, 'One');
    new CfnRule(stack, 'Newer', { assertions: [{ assert: Fn.conditionNot(Fn.conditionContains(['33'], Fn.ref('BootstrapVersion'))), assertDescription: 'too old' }] });
  }, { synthesizer: new DefaultStackSynthesizer() }));
  await expect(twin.deploy()).rejects.toThrow('Rules.Newer: assertion failed: too old');
});

test('an archive is the same bytes every time, with modes kept', () => {
  expect(zipDirectory(directory()).equals(zipDirectory(directory()))).toBe(true);
});

test('deploys the stacks of a stage', async () => {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), 'twin-test-')), analyticsReporting: false });
  const stage = new Stage(app, 'Prod');
  thing(new Stack(stage, 'Inner', { synthesizer: new BootstraplessSynthesizer() }), 'One');
  const { twin, fake } = await fakeTwin(app.synth().directory);
  await twin.deploy();
  expect(fake.log).toEqual(['create One']);
  expect(twin.cloudFormation.stacks.find('Prod-Inner')?.status).toBe('CREATE_COMPLETE');
});

test('stands where it is told to, in time and place', async () => {
  const { twin } = await fakeTwin(synth((stack) => { thing(stack, 'One', { Name: stack.account, Value: stack.region }); }), {
    startTime: new Date('2026-03-01T00:00:00Z'), account: '111111111111', region: 'eu-west-1',
  });
  await twin.advance({ days: 1, hours: 2 });
  await twin.advance(1_000);
  await twin.advance(Duration.minutes(1));
  expect(twin.clock.date().toISOString()).toBe('2026-03-02T02:01:01.000Z');
  expect(twin.arn('sqs', 'q')).toBe('arn:aws:sqs:eu-west-1:111111111111:q');
  expect(twin.arn('s3', 'b', '', '')).toBe('arn:aws:s3:::b');
  await expect(twin.advance({ fortnights: 1 } as never)).rejects.toThrow('"fortnights" is no unit of time');
});

test('cleans up behind itself', async () => {
  const twin = await Twin.fromAssembly(synth((stack) => { thing(stack, 'One'); }), { authorization: 'off' });
  expect(existsSync(twin.workDir)).toBe(true);
  await twin.stop();
  expect(existsSync(twin.workDir)).toBe(false);
});

test('says what it is missing', async () => {
  await expect(Twin.fromAssembly('/nowhere', { authorization: 'off' })).rejects.toThrow('/nowhere holds no manifest.json; give the output directory of `cdk synth`');
  const { twin } = await fakeTwin(synth((stack) => { thing(stack, 'One'); }));
  expect(() => twin.service('quantum')).toThrow('the twin has no service "quantum"; it has ');
});
