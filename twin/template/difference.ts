import { isDeepStrictEqual } from 'util';
import type { ResourceProvider } from '../service';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties of any type */

/** What an update does to a resource. */
export type Change = 'none' | 'update' | 'replace';

/** Compares resolved properties; `createOnly` may name a nested property with dots (`VpcConfig.Subnets`). */
export function changeOf(provider: ResourceProvider, before: Record<string, any>, after: Record<string, any>): Change {
  if (isDeepStrictEqual(before, after)) return 'none';
  const replaced = provider.createOnly.some((path) => !isDeepStrictEqual(valueAt(before, path), valueAt(after, path)));
  return replaced ? 'replace' : 'update';
}

function valueAt(properties: Record<string, any>, path: string): unknown {
  return path.split('.').reduce<any>((value, key) => value?.[key], properties);
}
