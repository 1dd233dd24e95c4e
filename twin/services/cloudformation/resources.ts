import type { ResourceProvider } from '../../service';
import type { CustomResources } from './custom-resource';

export const CUSTOM_RESOURCE = 'AWS::CloudFormation::CustomResource';

/** Which constructs an app uses, for AWS's statistics. It has no effect. */
const cdkMetadata: ResourceProvider = {
  properties: ['Analytics'],
  createOnly: [],
  attributes: [],
  create: ({ generateName }) => ({ physicalId: generateName() }),
  update: (_request, existing) => existing,
  delete: () => undefined,
};

/** A placeholder without properties, used where a template must hold at least one resource. */
const waitConditionHandle: ResourceProvider = {
  properties: [],
  createOnly: [],
  attributes: [],
  create: ({ world, stackId, logicalId }) => ({ physicalId: `${world.endpoint}/cloudformation-waitcondition/${encodeURIComponent(`${stackId}/${logicalId}`)}` }),
  update: (_request, existing) => existing,
  delete: () => undefined,
};

export function cloudFormationResources(custom: CustomResources): Record<string, ResourceProvider> {
  return {
    'AWS::CDK::Metadata': cdkMetadata,
    'AWS::CloudFormation::WaitConditionHandle': waitConditionHandle,
    [CUSTOM_RESOURCE]: custom.provider,
  };
}
