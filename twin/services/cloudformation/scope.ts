import { resolveValue, TemplateError, type Plan, type Scope } from '../../template';
import type { World } from '../../world';
import type { Stack, StackOutput, Stacks } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- template JSON */

export function pseudoParameters(world: World, stack: Pick<Stack, 'stackId' | 'stackName'>): Record<string, string | string[]> {
  return {
    'AWS::AccountId': world.account,
    'AWS::NotificationARNs': [],
    'AWS::Partition': world.partition,
    'AWS::Region': world.region,
    'AWS::StackId': stack.stackId,
    'AWS::StackName': stack.stackName,
    'AWS::URLSuffix': world.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
}

/** What the intrinsics of a stack see while it is being made: parameters, and the resources made so far. */
export class StackScope implements Scope {
  readonly imports = new Set<string>();
  readonly region: string;
  private readonly pseudo: Record<string, string | string[]>;

  constructor(world: World, private readonly stack: Stack, private readonly plan: Plan, private readonly stacks: Stacks) {
    this.region = world.region;
    this.pseudo = pseudoParameters(world, stack);
  }

  resolve(value: any, path: string): any {
    return resolveValue(value, this, path);
  }

  ref(name: string): any {
    return this.plan.parameters[name] ?? this.pseudo[name] ?? this.stack.resources.get(name)?.handle?.physicalId;
  }

  attribute(logicalId: string, attribute: string, path: string): any {
    const resource = this.stack.resources.get(logicalId);
    if (resource?.handle === undefined) throw new TemplateError(path, `resource ${logicalId} is not there`);
    const attributes: any = resource.handle.attributes ?? {};
    const value = attributes[attribute] ?? attribute.split('.').reduce((inner, key) => inner?.[key], attributes);
    if (value === undefined) {
      const known = Object.keys(attributes).filter((name) => attributes[name] !== undefined).join(', ') || 'none';
      throw new TemplateError(path, `${logicalId} (${resource.type}) has no attribute ${JSON.stringify(attribute)}; it has ${known}`);
    }
    return value;
  }

  condition(name: string, path: string): boolean {
    return this.plan.condition(name, path);
  }

  mapping(map: string, topKey: string, secondKey: string): any {
    return this.plan.template.Mappings?.[map]?.[topKey]?.[secondKey];
  }

  importValue(name: string, path: string): string {
    const found = this.stacks.exported(name);
    if (found === undefined) throw new TemplateError(path, `no export named ${name} found`);
    this.imports.add(name);
    return found.value;
  }

  stackOutput(stackName: string, output: string, path: string): string {
    const value = this.stacks.find(stackName)?.outputs.get(output)?.value;
    if (value === undefined) throw new TemplateError(path, `stack ${stackName} has no output ${output}`);
    return value;
  }

  outputs(): Map<string, StackOutput> {
    const outputs = new Map<string, StackOutput>();
    for (const [key, definition] of Object.entries(this.plan.template.Outputs ?? {})) {
      const path = `Outputs.${key}`;
      if (definition.Condition !== undefined && !this.condition(definition.Condition, path)) continue;
      const exportName = definition.Export && String(this.resolve(definition.Export.Name, `${path}.Export.Name`));
      const owner = exportName === undefined ? undefined : this.stacks.exported(exportName)?.stack;
      if (owner && owner !== this.stack) throw new TemplateError(path, `export with name ${exportName} is already exported by stack ${owner.stackName}`);
      outputs.set(key, { value: String(this.resolve(definition.Value, `${path}.Value`)), description: definition.Description, exportName });
    }
    return outputs;
  }
}
