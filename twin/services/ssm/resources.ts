import { AwsError, type ResourceProvider, type ResourceRequest } from '../../service';
import { parameterArn } from './arn';
import type { Parameter, SsmState } from './state';

/** Characters a value may have, by tier. */
const MAX_VALUE: Readonly<Record<string, number>> = { 'Standard': 4_096, 'Advanced': 8_192, 'Intelligent-Tiering': 8_192 };

export function ssmResources(state: SsmState): Record<string, ResourceProvider> {
  const put = ({ world, properties }: ResourceRequest, name: string, version: number) => {
    const { Type, Value, Description, DataType = 'text', Tier = 'Standard', AllowedPattern, Tags = {} } = properties;
    if (Type !== 'String' && Type !== 'StringList') {
      throw new AwsError('ValidationException', `Type ${JSON.stringify(Type)} is not allowed: CloudFormation creates String and StringList only`);
    }
    if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(Value)) {
      throw new AwsError('ParameterPatternMismatchException', `Parameter value, cannot be validated against allowedPattern: ${AllowedPattern}`);
    }
    const most = MAX_VALUE[Tier] ?? 0;
    if (Value.length > most) throw new AwsError('ValidationException', `${Tier} tier parameters support a maximum parameter value of ${most} characters.`);
    const parameter: Parameter = {
      name, arn: parameterArn(world, name), type: Type, value: Value, description: Description, dataType: DataType, tier: Tier,
      allowedPattern: AllowedPattern, version, modifiedAt: world.clock.date(), tags: Tags,
    };
    state.parameters.set(name, parameter);
    return { physicalId: name, attributes: { Type, Value } };
  };
  return {
    'AWS::SSM::Parameter': {
      properties: ['AllowedPattern', 'DataType', 'Description', 'Name', 'Tags', 'Tier', 'Type', 'Value'],
      createOnly: ['Name'],
      attributes: ['Type', 'Value'],
      create: (request) => {
        const name: string = request.properties.Name ?? `CFN-${request.generateName(200)}`;
        if (state.parameters.has(name)) throw new AwsError('ParameterAlreadyExists', `The parameter already exists: ${name}`);
        return put(request, name, 1);
      },
      update: (request, { physicalId }) => put(request, physicalId, state.get(physicalId).version + 1),
      delete: (_request, { physicalId }) => { state.parameters.delete(physicalId); },
    },
  };
}
