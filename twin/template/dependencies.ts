import type { Random } from '../random';
import { TemplateError } from './errors';
import { attributeReference, intrinsicName, placeholders } from './intrinsics';
import type { ResourceDefinition } from './template';

/** Which resource waits for which others, by logical id. */
export type DependencyGraph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * What each resource waits for: `DependsOn` and every reference in its properties. Only resources in `active` count; a branch
 * of `Fn::If` that is not taken holds nobody up.
 */
export function dependencyGraph(active: ReadonlyMap<string, ResourceDefinition>, condition: (name: string) => boolean): DependencyGraph {
  const graph = new Map<string, Set<string>>();
  for (const [logicalId, resource] of active) {
    const needs = new Set<string>([resource.DependsOn ?? []].flat());
    for (const { name } of references(resource.Properties ?? {}, condition)) needs.add(name);
    graph.set(logicalId, new Set([...needs].filter((name) => active.has(name))));
    if (needs.has(logicalId)) throw new TemplateError(`Resources.${logicalId}`, 'depends on itself');
  }
  return graph;
}

export interface Reference {
  readonly name: string;
  /** Undefined for `Ref`, and where an intrinsic computes it. */
  readonly attribute?: string;
}

/** What `value` refers to by `Ref`, `Fn::GetAtt` or `Fn::Sub`; parameters and pseudo parameters among them. */
export function references(value: unknown, condition: (name: string) => boolean): Reference[] {
  const found: Reference[] = [];
  const visit = (item: any): void => { // eslint-disable-line @typescript-eslint/no-explicit-any
    if (Array.isArray(item)) return item.forEach(visit);
    if (typeof item !== 'object' || item === null) return;
    const name = intrinsicName(item);
    const operand = name === undefined ? undefined : item[name];
    if (name === 'Ref') found.push({ name: operand });
    else if (name === 'Fn::GetAtt') {
      const [logicalId, attribute] = attributeReference(operand, 'Fn::GetAtt');
      found.push({ name: logicalId, attribute: typeof attribute === 'string' ? attribute : undefined });
    }
    else if (name === 'Fn::If') visit(operand[condition(operand[0]) ? 1 : 2]);
    else if (name === 'Fn::Sub') {
      const [pattern, variables = {}] = Array.isArray(operand) ? operand : [operand];
      for (const placeholder of placeholders(pattern)) {
        const [owner, ...attribute] = placeholder.split('.');
        if (!Object.hasOwn(variables, placeholder)) found.push({ name: owner!, attribute: attribute.join('.') || undefined });
      }
      visit(Object.values(variables));
    } else visit(Object.values(item));
  };
  visit(value);
  return found;
}

/** An order in which everything comes after what it needs; where the graph leaves a choice, chance takes it. */
export function orderOf(graph: DependencyGraph, random: Random): string[] {
  const waiting = new Map([...graph].map(([name, needs]) => [name, new Set(needs)]));
  const order: string[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, needs]) => needs.size === 0).map(([name]) => name);
    if (ready.length === 0) throw new TemplateError('Resources', `circular dependency between resources: ${[...waiting.keys()].sort().join(', ')}`);
    const next = random.pick(ready);
    order.push(next);
    waiting.delete(next);
    for (const needs of waiting.values()) needs.delete(next);
  }
  return order;
}

/** The graph with every arrow turned: what must be gone before a thing may go. */
export function reversed(graph: DependencyGraph): DependencyGraph {
  const result = new Map<string, Set<string>>([...graph.keys()].map((name) => [name, new Set<string>()]));
  for (const [name, needs] of graph) for (const need of needs) result.get(need)?.add(name);
  return result;
}
