import { LIMITS } from '../limits';

/** Characters of a record that may stand outside its strings; what varies in a record are strings. */
const MOST_STRUCTURE = 65_536;

const BACKSLASH = 0x5c;

/**
 * The JSON document of a line whose bulk is strings, as a captured record's and a label's is; undefined where it is none. A long line of
 * something else, a million empty arrays for example, would take many times its length as objects, and is not parsed.
 */
export function readDocument(line: string): { readonly value: unknown } | undefined {
  if (line.length > LIMITS.payloadValues && !isMostlyStrings(line)) return undefined;
  try {
    return { value: JSON.parse(line) as unknown };
  } catch {
    return undefined;
  }
}

function isMostlyStrings(line: string): boolean {
  let outside = 0;
  for (let at = 0; outside <= MOST_STRUCTURE;) {
    const opening = line.indexOf('"', at);
    if (opening < 0) return outside + line.length - at <= MOST_STRUCTURE;
    outside += opening - at + 1;
    at = closing(line, opening + 1) + 1;
    if (at === 0) return false;
  }
  return false;
}

/** Where a string ends whose content begins at a position; -1 if it does not. */
function closing(line: string, from: number): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    let slashes = 0;
    while (line.charCodeAt(at - 1 - slashes) === BACKSLASH && at - 1 - slashes >= from) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

/** How often characters stand in a text, counted up to `most` + 1. */
export function countUpTo(text: string, characters: string, most: number): number {
  const codes = [...characters].map((character) => character.charCodeAt(0));
  const [a, b = a, c = a] = codes;
  let count = 0;
  for (let i = 0; i < text.length && count <= most; i++) {
    const code = text.charCodeAt(i);
    if (code === a || code === b || code === c) count++;
  }
  return count;
}
