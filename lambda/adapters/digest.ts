import { createHash } from 'node:crypto';

/** SHA-256 of the canonical JSON of `value`, hexadecimal, shortened to `length` characters. */
export function digest(value: unknown, length = 64): string {
  return createHash('sha256').update(canonical(JSON.parse(JSON.stringify(value) ?? 'null'))).digest('hex').slice(0, length);
}

/** JSON with sorted keys, so that equal values give equal text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${canonical(entry)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
