import { AwsError, type Operation } from '../../service';
import type { World } from '../../world';
import { parameterArn } from './arn';
import type { Parameter, SsmState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

export function ssmOperations(world: World, state: SsmState): Record<string, Operation> {
  const needs = (action: string, ...names: string[]) => names.map((name) => ({ action: `ssm:${action}`, resource: parameterArn(world, name) }));
  return {
    GetParameter: {
      authorize: ({ Name }) => needs('GetParameter', Name),
      run: ({ Name }) => ({ Parameter: description(state.get(Name)) }),
    },
    GetParameters: {
      authorize: ({ Names }) => needs('GetParameters', ...Names),
      run: ({ Names }) => {
        const unknown = (Names as string[]).filter((name) => !state.parameters.has(name));
        return {
          Parameters: (Names as string[]).filter((name) => !unknown.includes(name)).map((name) => description(state.get(name))),
          ...(unknown.length > 0 && { InvalidParameters: unknown }),
        };
      },
    },
    GetParametersByPath: {
      authorize: ({ Path }) => needs('GetParametersByPath', Path),
      run: ({ Path, Recursive = false }) => {
        const prefix = Path.endsWith('/') ? Path : `${Path}/`;
        const below = [...state.parameters.values()].filter(({ name }) => name.startsWith(prefix));
        return { Parameters: below.filter(({ name }) => Recursive || !name.slice(prefix.length).includes('/')).map(description) };
      },
    },
    PutParameter: {
      authorize: ({ Name, Tags }) => [...needs('PutParameter', Name), ...(Tags ? needs('AddTagsToResource', Name) : [])],
      run: (input) => put(world, state, input),
    },
    DeleteParameter: {
      authorize: ({ Name }) => needs('DeleteParameter', Name),
      run: ({ Name }) => {
        state.parameters.delete(state.get(Name).name);
        return {};
      },
    },
  };
}

function put(world: World, state: SsmState, input: any): any {
  const existing = state.parameters.get(input.Name);
  if (existing && input.Overwrite !== true) {
    throw new AwsError('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.');
  }
  const type = input.Type ?? existing?.type;
  if (type === undefined) throw new AwsError('ValidationException', 'A parameter type is required when you create a parameter.');
  if (type === 'SecureString') throw new AwsError('ValidationException', 'SecureString is not implemented by the twin; use String or a secret of Secrets Manager');
  const version = (existing?.version ?? 0) + 1;
  state.parameters.set(input.Name, {
    name: input.Name, arn: parameterArn(world, input.Name), type, value: input.Value, description: input.Description ?? existing?.description,
    dataType: input.DataType ?? existing?.dataType ?? 'text', tier: input.Tier ?? existing?.tier ?? 'Standard',
    allowedPattern: input.AllowedPattern ?? existing?.allowedPattern, version, modifiedAt: world.clock.date(),
    tags: input.Tags ? Object.fromEntries(input.Tags.map((tag: any) => [tag.Key, tag.Value])) : existing?.tags ?? {},
  });
  return { Version: version, Tier: state.get(input.Name).tier };
}

function description(parameter: Parameter): Record<string, any> {
  return {
    Name: parameter.name, Type: parameter.type, Value: parameter.value, Version: parameter.version, LastModifiedDate: parameter.modifiedAt,
    ARN: parameter.arn, DataType: parameter.dataType,
  };
}
