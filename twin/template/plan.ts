import type { Random } from '../random';
import type { ResourceProvider } from '../service';
import { evaluateCondition, type ConditionScope } from './conditions';
import { dependencyGraph, orderOf, references, type DependencyGraph } from './dependencies';
import { TemplateError, TemplateErrors } from './errors';
import { resolveValue, type Scope } from './intrinsics';
import type { ParameterValue } from './parameters';
import type { ResourceDefinition, Template } from './template';

/** Finds who implements a resource type. */
export type FindProvider = (type: string) => ResourceProvider | undefined;

/** A template with its parameters and conditions settled, found to hold only what the twin knows. */
export interface Plan {
  readonly template: Template;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** The resources whose condition holds. */
  readonly resources: ReadonlyMap<string, ResourceDefinition>;
  readonly graph: DependencyGraph;
  /** Order of creation. */
  readonly order: readonly string[];
  condition(name: string, path: string): boolean;
}

export interface PlanInput {
  readonly stackName: string;
  readonly template: Template;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly pseudo: Readonly<Record<string, ParameterValue>>;
  readonly findProvider: FindProvider;
  readonly random: Random;
}

/** Settles everything that can be known before the first resource is made; throws one error naming every fault. */
export function planOf({ stackName, template, parameters, pseudo, findProvider, random }: PlanInput): Plan {
  const scope = staticScope(template, parameters, pseudo);
  const condition = namedConditions(template, scope);
  const faults: string[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      faults.push(error.message);
      return undefined;
    }
  };

  for (const name of Object.keys(template.Conditions ?? {})) attempt(() => condition(name, `Conditions.${name}`));
  attempt(() => checkRules(template, scope, condition));
  const resources = new Map(Object.entries(template.Resources).filter(([logicalId, resource]) => resource.Condition === undefined
    || attempt(() => condition(resource.Condition!, `Resources.${logicalId}.Condition`))));
  for (const [logicalId, resource] of resources) attempt(() => checkResource(logicalId, resource, findProvider, faults));

  const holds = (name: string) => condition(name, 'Fn::If');
  const known = new Set([...resources.keys(), ...Object.keys(parameters), ...Object.keys(pseudo), 'AWS::NoValue']);
  const check = (path: string, value: unknown) => attempt(() => checkReferences(path, value, { resources, known, holds, findProvider, faults }));
  for (const [logicalId, resource] of resources) {
    check(`Resources.${logicalId}`, resource.Properties ?? {});
    checkDependsOn(`Resources.${logicalId}`, resource, template, faults);
  }
  for (const [key, { Condition, Value, Export }] of Object.entries(template.Outputs ?? {})) {
    if (Condition === undefined || attempt(() => condition(Condition, `Outputs.${key}.Condition`))) check(`Outputs.${key}`, [Value, Export]);
  }
  if (faults.length > 0) throw new TemplateErrors(stackName, faults);

  const graph = dependencyGraph(resources, holds);
  return { template, parameters, resources, graph, order: orderOf(graph, random), condition };
}

/** A scope of what is known without any resource. */
function staticScope(template: Template, parameters: Plan['parameters'], pseudo: PlanInput['pseudo']): Scope {
  const absent = (path: string): never => { throw new TemplateError(path, 'a condition or rule can refer to parameters only'); };
  return {
    region: String(pseudo['AWS::Region']),
    ref: (name) => parameters[name] ?? pseudo[name],
    attribute: (_logicalId, _attribute, path) => absent(path),
    importValue: (_name, path) => absent(path),
    stackOutput: (_stack, _output, path) => absent(path),
    condition: (_name, path) => absent(path),
    mapping: (map, top, second) => template.Mappings?.[map]?.[top]?.[second],
  };
}

function namedConditions(template: Template, scope: Scope): Plan['condition'] {
  const settled = new Map<string, boolean>();
  const open = new Set<string>();
  const condition = (name: string, path: string): boolean => {
    const known = settled.get(name);
    if (known !== undefined) return known;
    const definition = template.Conditions?.[name];
    if (definition === undefined) throw new TemplateError(path, `the template has no condition ${JSON.stringify(name)}`);
    if (open.has(name)) throw new TemplateError(path, `condition ${name} depends on itself`);
    open.add(name);
    const outcome = evaluateCondition(definition, conditionScope(scope, condition), `Conditions.${name}`);
    open.delete(name);
    settled.set(name, outcome);
    return outcome;
  };
  return condition;
}

function conditionScope(scope: Scope, condition: Plan['condition']): ConditionScope {
  return { value: (operand, path) => resolveValue(operand, { ...scope, condition }, path), named: condition };
}

function checkRules(template: Template, scope: Scope, condition: Plan['condition']): void {
  const conditions = conditionScope(scope, condition);
  for (const [name, rule] of Object.entries(template.Rules ?? {})) {
    const path = `Rules.${name}`;
    if (rule.RuleCondition !== undefined && !evaluateCondition(rule.RuleCondition, conditions, `${path}.RuleCondition`)) continue;
    rule.Assertions.forEach(({ Assert, AssertDescription }, index) => {
      if (!evaluateCondition(Assert, conditions, `${path}.Assertions.${index}.Assert`)) {
        throw new TemplateError(path, `assertion failed: ${AssertDescription ?? JSON.stringify(Assert)}`);
      }
    });
  }
}

function checkResource(logicalId: string, resource: ResourceDefinition, findProvider: FindProvider, faults: string[]): void {
  const path = `Resources.${logicalId}`;
  const provider = findProvider(resource.Type);
  if (provider === undefined) throw new TemplateError(`${path}.Type`, `${resource.Type} is not implemented by the twin`);
  for (const property of Object.keys(resource.Properties ?? {})) {
    if (!accepts(provider, property)) {
      faults.push(`${path}.Properties.${property}: property of ${resource.Type} is not implemented by the twin; it knows ${provider.properties.join(', ')}`);
    }
  }
}

/** `*` is for types whose properties are the template's own affair: custom resources. */
function accepts(provider: ResourceProvider, property: string): boolean {
  return provider.properties.includes(property) || provider.properties.includes('*');
}

interface ReferenceCheck {
  readonly resources: Plan['resources'];
  readonly known: ReadonlySet<string>;
  readonly findProvider: FindProvider;
  readonly faults: string[];
  holds(name: string): boolean;
}

function checkReferences(path: string, value: unknown, { resources, known, findProvider, faults, holds }: ReferenceCheck): void {
  for (const { name, attribute } of references(value, holds)) {
    const attributes = findProvider(resources.get(name)?.Type ?? '')?.attributes;
    if (!known.has(name)) faults.push(`${path}: refers to ${JSON.stringify(name)}, which is no parameter, pseudo parameter or resource of this template`);
    else if (attribute !== undefined && attributes && !attributes.includes(attribute)) {
      faults.push(`${path}: ${name} (${resources.get(name)!.Type}) has no attribute ${JSON.stringify(attribute)}; it has ${attributes.join(', ') || 'none'}`);
    }
  }
}

function checkDependsOn(path: string, resource: ResourceDefinition, template: Template, faults: string[]): void {
  for (const name of [resource.DependsOn ?? []].flat()) {
    if (template.Resources[name] === undefined) faults.push(`${path}.DependsOn: ${JSON.stringify(name)} is no resource of this template`);
  }
}
