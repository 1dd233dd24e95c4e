import { type Json, type JsonObject, type Template } from './template';

/** Entries of the resource's DependsOn that the rest of the template implies, be it in several steps. */
export function impliedDependencies(template: Template, resource: string): ReadonlySet<string> {
  const entries = [template.Resources[resource]!.DependsOn ?? []].flat();
  return new Set(entries.filter((entry) => {
    const own = template.Resources[resource]!;
    const rest = { ...template, Resources: { ...template.Resources, [resource]: { ...own, DependsOn: entries.filter((other) => other !== entry) } } };
    return isNeededBy(rest, resource, entry);
  }));
}

/** Whether `from` needs `to`, be it in several steps: it is created later and deleted sooner. */
export function isNeededBy(template: Template, from: string, to: string): boolean {
  const seen = new Set<string>();
  const queue = needsOf(template, from);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...needsOf(template, next));
  }
  return false;
}

function needsOf(template: Template, resource: string): string[] {
  return [...referencesOf(template, resource), ...[template.Resources[resource]!.DependsOn ?? []].flat()];
}

function referencesOf(template: Template, resource: string): Set<string> {
  const found = new Set<string>();
  collect(template.Resources[resource]!.Properties ?? {}, found);
  return new Set([...found].filter((id) => id in template.Resources));
}

function collect(value: Json, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) return value.forEach((item) => { collect(item, found); });
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Sub': substitute } = value as JsonObject;
  if (typeof Ref === 'string') found.add(Ref);
  if (attribute !== undefined) found.add(Array.isArray(attribute) ? String(attribute[0]) : String(attribute).split('.')[0]!);
  if (substitute !== undefined) {
    const text = String(Array.isArray(substitute) ? substitute[0] : substitute);
    for (const [, name] of text.matchAll(/\$\{([^!.}]+)/g)) found.add(name!);
  }
  for (const member of Object.values(value)) collect(member, found);
}
