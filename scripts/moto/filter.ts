/* eslint-disable @typescript-eslint/no-explicit-any -- template JSON */

/** What a resource that is left out is replaced by where others name it. */
export interface KnownValues {
  ref(logicalId: string): string;
  attribute(logicalId: string, attribute: string): unknown;
}

export interface Filtered {
  readonly template: any;
  /** Logical ids left out, by type. */
  readonly dropped: ReadonlyMap<string, readonly string[]>;
}

/** Names that moto generates, but then refuses itself: capitals. They are given. */
const NAMED: Readonly<Record<string, string>> = { 'AWS::ECR::Repository': 'RepositoryName' };

/** The template without resources of types outside `types`; references to them become values. The one given is not changed. */
export function filterTemplate(template: any, types: ReadonlySet<string>, values: KnownValues): Filtered {
  const dropped = new Map<string, string[]>();
  const gone = new Set<string>();
  for (const [id, { Type }] of Object.entries<any>(template.Resources)) {
    if (types.has(Type)) continue;
    gone.add(id);
    dropped.set(Type, [...dropped.get(Type) ?? [], id]);
  }
  const value = (part: any): any => {
    if (Array.isArray(part)) return part.map(value);
    if (typeof part !== 'object' || part === null) return part;
    if (gone.has(part.Ref)) return values.ref(part.Ref);
    const [id, attribute] = part['Fn::GetAtt'] ?? [];
    if (gone.has(id)) return values.attribute(id, attribute);
    return Object.fromEntries(Object.entries(part).map(([key, each]) => [key, value(each)]));
  };
  const resource = (id: string, { DependsOn, Properties, ...rest }: any): any => {
    const needed = [DependsOn ?? []].flat().filter((other: string) => !gone.has(other));
    const name = NAMED[rest.Type];
    return { ...value(rest), Properties: { ...(name !== undefined && { [name]: values.ref(id) }), ...value(Properties ?? {}) }, ...(needed.length > 0 && { DependsOn: needed }) };
  };
  const kept = Object.entries<any>(template.Resources).filter(([id]) => !gone.has(id));
  return { template: { ...value({ ...template, Resources: {} }), Resources: Object.fromEntries(kept.map(([id, each]) => [id, resource(id, each)])) }, dropped };
}
