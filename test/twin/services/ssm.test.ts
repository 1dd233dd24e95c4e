import { CfnOutput, CfnParameter } from 'aws-cdk-lib';
import { CfnParameter as StoredParameter } from 'aws-cdk-lib/aws-ssm';
import { fakeTwin, stopTwins, synth } from '../template/fakes';

afterEach(stopTwins);

const define = (value: string) => synth((stack) => {
  new StoredParameter(stack, 'Setting', { name: '/app/setting', type: 'String', value, tags: { own: '1' } });
}, { tags: { team: 'ml' } });

test('a parameter is read by name, and has a version for each change', async () => {
  const { twin } = await fakeTwin(define('1'));
  await twin.deploy();
  await twin.update(define('2'));
  const call = (operation: string, input: object) => twin.call({ service: 'ssm', operation, input, caller: { kind: 'administrator' } });
  expect((await call('GetParameter', { Name: '/app/setting' })).Parameter).toMatchObject({
    Value: '2', Version: 2, Type: 'String', ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/setting',
  });
  expect(await call('GetParameters', { Names: ['/app/setting', '/no'] })).toMatchObject({ Parameters: [{ Value: '2' }], InvalidParameters: ['/no'] });
  await expect(call('GetParameter', { Name: '/no' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
  await expect(call('PutParameter', { Name: '/app/setting', Value: 'x', Type: 'String' })).rejects.toMatchObject({ code: 'ParameterAlreadyExists' });
  await twin.destroy();
  expect(twin.remaining()).toEqual([]);
});

test('a template reads the store through a parameter of its own', async () => {
  const { twin } = await fakeTwin(synth((stack) => {
    const parameter = new CfnParameter(stack, 'Stored', { type: 'AWS::SSM::Parameter::Value<String>', default: '/shared/name' });
    new StoredParameter(stack, 'Copy', { type: 'String', value: parameter.valueAsString });
    new CfnOutput(stack, 'Out', { value: parameter.valueAsString });
  }));
  await expect(twin.deploy()).rejects.toThrow('Parameters.Stored: unable to fetch parameter /shared/name from the parameter store');
  await twin.call({
    service: 'ssm', operation: 'PutParameter', input: { Name: '/shared/name', Value: 'shared', Type: 'String' }, caller: { kind: 'administrator' },
  });
  expect(await twin.deploy()).toEqual({ Test: { Out: 'shared' } });
});
