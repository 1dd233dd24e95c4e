import { Models } from '../../../twin/http';
import { checkRequest } from '../../../twin/http/request-check';
import { compilePattern } from '../../../twin/http/shape-check';

const models = Models.load();

function faultsOf(service: string, operation: string, input: unknown): string {
  try {
    checkRequest(models.operation(service, operation)!, input);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
}

const endpointConfig = {
  EndpointConfigName: 'config', ProductionVariants: [{ VariantName: 'main', ModelName: 'model', InitialInstanceCount: 1, InstanceType: 'ml.m5.large' }],
};

test('a good request passes', () => {
  expect(faultsOf('sagemaker', 'CreateEndpointConfig', endpointConfig)).toBe('none');
});

test.each([
  ['required', { ProductionVariants: endpointConfig.ProductionVariants }, 'Value null at \'endpointConfigName\' failed to satisfy constraint: Member must not be null'],
  ['nested required', { ...endpointConfig, ProductionVariants: [{ ModelName: 'm' }] }, 'Value null at \'productionVariants.1.member.variantName\''],
  ['too long', { ...endpointConfig, EndpointConfigName: 'a'.repeat(64) }, 'Member must have length less than or equal to 63'],
  ['too few', { ...endpointConfig, ProductionVariants: [] }, 'Member must have length greater than or equal to 1'],
  ['pattern', { ...endpointConfig, EndpointConfigName: '-a' }, 'Member must satisfy regular expression pattern'],
  ['range', { ...endpointConfig, DataCaptureConfig: { InitialSamplingPercentage: 101, DestinationS3Uri: 's3://b/', CaptureOptions: [{ CaptureMode: 'Input' }] } },
    'Value \'101\' at \'dataCaptureConfig.initialSamplingPercentage\' failed to satisfy constraint: Member must have value less than or equal to 100'],
  ['enum', { ...endpointConfig, ProductionVariants: [{ ...endpointConfig.ProductionVariants[0], InstanceType: 'ml.none' }] }, 'Member must satisfy enum value set'],
  ['type', { ...endpointConfig, EndpointConfigName: 5 }, 'NUMBER_VALUE can not be converted to a String at \'endpointConfigName\''],
  ['unknown member', { ...endpointConfig, EndpointConfigname: 'x' }, 'Member is not known to CreateEndpointConfig'],
])('%s', (_kind, input, expected) => {
  expect(faultsOf('sagemaker', 'CreateEndpointConfig', input)).toContain(expected);
});

test('every fault is named at once', () => {
  expect(faultsOf('sagemaker', 'CreateEndpointConfig', { EndpointConfigName: '_' })).toMatch(/^2 validation errors detected: .*; /);
});

test('every pattern of every model compiles, and matches the whole value', () => {
  for (const api of models.all()) {
    for (const operation of api.operations.values()) {
      for (const pattern of patternsOf(api, operation.input)) expect(() => compilePattern(pattern)).not.toThrow();
    }
  }
  expect(compilePattern('[a-z]+').test('abc1')).toBe(false);
  expect(compilePattern('\\A\\S[\\p{Print}]*\\z').test('id 1')).toBe(true);
});

function patternsOf(api: ReturnType<typeof models.all>[number], root: string | undefined, seen = new Set<string>()): string[] {
  if (root === undefined || seen.has(root)) return [];
  seen.add(root);
  const shape = api.shape(root);
  const inner = [...Object.values(shape.members ?? {}), shape.member, shape.key, shape.value].filter((ref) => ref !== undefined);
  return [...(shape.pattern === undefined ? [] : [shape.pattern]), ...inner.flatMap((ref) => patternsOf(api, ref.shape, seen))];
}
