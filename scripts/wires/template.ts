/** A value of a CloudFormation template. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
export type Path = readonly (string | number)[];

export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: JsonObject; readonly DependsOn?: string | string[] }>>;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function valueAt(root: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (typeof value === 'object' && value !== null ? (value as JsonObject)[key] : undefined), root);
}

/** A copy without what stands at the path: a member is gone, an item's followers move up. */
export function without<T>(root: T, path: Path): T {
  const copy = structuredClone(root);
  const parent = valueAt(copy as Json, path.slice(0, -1));
  const key = path[path.length - 1]!;
  if (typeof parent !== 'object' || parent === null || !(key in parent)) throw new Error(`nothing stands at ${path.join('.')}`);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  return copy;
}

/** Everything below a value, itself left out, outermost first. What an intrinsic function is made of is left whole. */
export function* nodesBelow(value: Json, path: Path = []): Generator<Path> {
  if (typeof value !== 'object' || value === null || isIntrinsic(value)) return;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    const at = [...path, key];
    yield at;
    yield* nodesBelow((value as JsonObject)[key]!, at);
  }
}

export function isIntrinsic(value: Json): boolean {
  if (!isObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && (keys[0] === 'Ref' || keys[0]!.startsWith('Fn::'));
}
