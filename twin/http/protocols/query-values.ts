import type { ServiceModel, ShapeRef } from '../model';
import { scalarFromText } from './scalars';

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** A form like `Tags.member.1.Key=a` to the SDK's shape. */
export function fromForm(model: ServiceModel, shapeName: string, form: URLSearchParams): Record<string, unknown> {
  const root: Node = { children: new Map() };
  for (const [key, value] of form) {
    if (key === 'Action' || key === 'Version') continue;
    let node = root;
    for (const part of key.split('.')) {
      let child = node.children.get(part);
      if (child === undefined) node.children.set(part, (child = { children: new Map() }));
      node = child;
    }
    node.value = value;
  }
  return structure(model, shapeName, root);
}

function structure(model: ServiceModel, shapeName: string, node: Node): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const seen = new Set<string>();
  for (const [name, member] of Object.entries(model.shape(shapeName).members ?? {})) {
    const key = member.locationName ?? name;
    seen.add(key);
    const child = node.children.get(key);
    if (child !== undefined) result[name] = value(model, member, child);
  }
  for (const [key, child] of node.children) if (!seen.has(key)) result[key] = child.value ?? {};
  return result;
}

function value(model: ServiceModel, ref: ShapeRef, node: Node): unknown {
  const shape = model.shape(ref.shape);
  const flat = (ref.flattened ?? shape.flattened) === true;
  switch (shape.type) {
    case 'structure': return structure(model, ref.shape, node);
    case 'list': return inOrder(flat ? node : node.children.get(shape.member!.locationName ?? 'member'))
      .map((item) => value(model, shape.member!, item));
    case 'map': return Object.fromEntries(inOrder(flat ? node : node.children.get('entry')).map((entry) => [
      entry.children.get(shape.key!.locationName ?? 'key')?.value ?? '',
      value(model, shape.value!, entry.children.get(shape.value!.locationName ?? 'value') ?? { value: '', children: new Map() }),
    ]));
    default: return scalarFromText(shape, node.value ?? '', 'iso8601');
  }
}

/** Items are numbered from 1. */
function inOrder(node: Node | undefined): Node[] {
  return [...(node?.children ?? [])].sort(([one], [other]) => Number(one) - Number(other)).map(([, item]) => item);
}
