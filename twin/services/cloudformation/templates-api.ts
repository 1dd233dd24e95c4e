import type { Operation } from '../../service';
import type { Template } from '../../template';
import type { World } from '../../world';
import type { CloudFormationService } from '.';
import { requiredCapabilities } from './requests';
import { existingStack, stackArn } from './stacks-api';
import { templateOf } from './template-source';

/** Questions about a template alone. */
export function templateOperations(world: World, { stacks }: CloudFormationService): Record<string, Operation> {
  return {
    ValidateTemplate: {
      authorize: () => [{ action: 'cloudformation:ValidateTemplate', resource: '*' }],
      run: async (input, { caller }) => {
        const { template } = await templateOf(world, input, caller);
        return {
          Parameters: parameters(template).map(({ ParameterKey, DefaultValue, NoEcho, Description }) => ({ ParameterKey, DefaultValue, NoEcho, Description })),
          Description: template.Description, ...capabilities(template),
        };
      },
    },
    GetTemplateSummary: {
      authorize: ({ StackName }) => [{ action: 'cloudformation:GetTemplateSummary', resource: StackName === undefined ? '*' : stackArn(world, stacks, StackName) }],
      run: async ({ StackName, ...source }, { caller }) => {
        const template = StackName === undefined ? (await templateOf(world, source, caller)).template : existingStack(stacks, StackName).template;
        return {
          Parameters: parameters(template), Description: template.Description, ...capabilities(template),
          ResourceTypes: [...new Set(Object.values(template.Resources).map(({ Type }) => Type))],
          Version: template.AWSTemplateFormatVersion, Metadata: template.Metadata && JSON.stringify(template.Metadata), DeclaredTransforms: [],
        };
      },
    },
  };
}

function parameters(template: Template) {
  return Object.entries(template.Parameters ?? {}).map(([ParameterKey, definition]) => ({
    ParameterKey, ParameterType: definition.Type, Description: definition.Description, NoEcho: String(definition.NoEcho) === 'true',
    DefaultValue: definition.Default === undefined ? undefined : String(definition.Default),
    ParameterConstraints: definition.AllowedValues === undefined ? undefined : { AllowedValues: definition.AllowedValues.map(String) },
  }));
}

function capabilities(template: Template) {
  const { capabilities: Capabilities, reason: CapabilitiesReason } = requiredCapabilities(template);
  return { Capabilities, CapabilitiesReason };
}
