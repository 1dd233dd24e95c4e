import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { WIRE_KINDS, type Wire, type WireKind } from './wires';

/** A wire whose loss nobody need notice, and why; reviewed like code. */
export interface Excuse {
  readonly kind: WireKind;
  /** The wire's name, `*` for any run of characters. */
  readonly wire: string;
  readonly reason: string;
}

/** More would make the check worthless. */
const MOST = 2;

export function readExcuses(file = path.join(__dirname, 'excused.json')): Excuse[] {
  const excuses = JSON.parse(readFileSync(file, 'utf8')) as Excuse[];
  if (excuses.length > MOST) throw new Error(`${file} excuses ${excuses.length} wires, at most ${MOST} may be; remove a wire without use from the template instead`);
  for (const { kind, wire, reason } of excuses) {
    if (!WIRE_KINDS.includes(kind)) throw new Error(`${file}: '${kind}' is no kind of wire; use one of ${WIRE_KINDS.join(', ')}`);
    if (wire.replaceAll('*', '') === '' || reason.trim() === '') throw new Error(`${file}: an excuse names its wire and a reason, this one says '${wire}' and '${reason}'`);
  }
  return excuses;
}

export function excuseOf(wire: Wire, excuses: readonly Excuse[]): Excuse | undefined {
  const matches = (pattern: string) => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(wire.name);
  return excuses.find((excuse) => excuse.kind === wire.kind && matches(excuse.wire));
}
