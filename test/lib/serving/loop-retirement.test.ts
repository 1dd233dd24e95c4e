import { CfnParameter } from 'aws-cdk-lib';
import { LoopRetirement, ModelEndpoint } from '../../../lib';
import { actionsOf, resource, resources, statementsOf, surroundings, templateOf } from '../fixtures';

function retirement(...names: string[]) {
  return templateOf((stack) => {
    const around = surroundings(stack);
    const endpoints = names.map((endpointName, index) => new ModelEndpoint(stack, `Endpoint${index}`, { ...around, endpointName }));
    new LoopRetirement(stack, 'Retirement', { endpoints });
  });
}

test('each endpoint has permissions of its own, for its own names', () => {
  const template = retirement('flights', 'hotels');
  const policies = Object.entries(resources(template, 'AWS::IAM::Policy'));
  expect(policies.map(([id]) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['RetirementflightsPolicy', 'RetirementhotelsPolicy']);
  for (const [id, { Properties }] of policies) {
    const [own, other] = id.includes('flights') ? ['flights', 'hotels'] : ['hotels', 'flights'];
    const text = JSON.stringify(Properties.PolicyDocument);
    for (const named of [`endpoint/${own}`, `endpoint-config/${own}-??????????`, `model/${own}-??????????`, `alarm:${own}-??????????-errors`]) expect(text).toContain(named);
    expect(text).not.toContain(other);
  }
  const shared = JSON.stringify(statementsOf(resource(template, 'AWS::IAM::Role', 'RetirementRetireRole')));
  expect(shared).not.toMatch(/flights|hotels/);
});

test('without workflows, jobs, registry and buckets it may touch none', () => {
  expect(actionsOf(resource(retirement('flights'), 'AWS::IAM::Role', 'RetirementRetireRole')).filter((action) => /^(s3|states|sagemaker):/.test(action))).toEqual([
    'sagemaker:ListEndpointConfigs', 'sagemaker:ListModels', 'states:StartExecution',
  ]);
});

test('a name that is known at deployment only is taken as it comes', () => {
  const template = templateOf((stack) => {
    const endpointName = new CfnParameter(stack, 'Name').valueAsString;
    new LoopRetirement(stack, 'Retirement', { endpoints: [new ModelEndpoint(stack, 'Endpoint', { ...surroundings(stack), endpointName })] });
  });
  expect(Object.values(resources(template, 'Custom::EndpointRetirement')).map(({ Properties }) => Properties.Name)).toEqual([{ Ref: 'Name' }]);
});

test('two endpoints of one name are refused', () => {
  expect(() => retirement('flights', 'flights')).toThrow(/two endpoints are called 'flights'; give each a name of its own/);
});
