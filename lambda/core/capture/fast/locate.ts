/** The strings of a capture record that differ from line to line. */
export type SlotKind = 'input' | 'output' | 'time' | 'id';

/** Where such a string's content lies in a line: between its quotes. */
export interface Slot {
  readonly kind: SlotKind;
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DEEPEST = 8;

/**
 * Finds the varying strings in a line that is known to be valid JSON. Undefined if one of them stands there twice (the last would
 * count) or the record is nested deeper than capture records are.
 */
export function locateSlots(line: Uint8Array): Slot[] | undefined {
  const slots: Slot[] = [];
  const seen = new Set<string>();
  const path: string[] = [];
  const inObject: boolean[] = [];
  let expectKey = false;
  for (let at = 0; at < line.length; at++) {
    switch (line[at]) {
      case 0x7b: // {
      case 0x5b: // [
        inObject.push(line[at] === 0x7b);
        path.push('');
        expectKey = line[at] === 0x7b;
        if (path.length > DEEPEST) return undefined;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        inObject.pop();
        path.pop();
        break;
      case 0x2c: // ,
        expectKey = inObject[inObject.length - 1] === true;
        break;
      case QUOTE: {
        const end = closingQuote(line, at + 1);
        if (expectKey) {
          path[path.length - 1] = JSON.parse(Buffer.from(line.subarray(at, end + 1)).toString('utf8')) as string;
          expectKey = false;
        } else {
          const name = path.join('\0');
          if (seen.has(name)) return undefined;
          seen.add(name);
          const kind = slotKind(path);
          if (kind) slots.push({ kind, start: at + 1, end });
        }
        at = end;
        break;
      }
      default:
    }
  }
  return slots;
}

function slotKind(path: readonly string[]): SlotKind | undefined {
  const [first, second, third] = path;
  if (first === 'captureData' && third === 'data' && path.length === 3) {
    return second === 'endpointInput' ? 'input' : second === 'endpointOutput' ? 'output' : undefined;
  }
  if (first !== 'eventMetadata' || path.length !== 2) return undefined;
  return second === 'inferenceTime' ? 'time' : 'id';
}

function closingQuote(line: Uint8Array, from: number): number {
  let at = from;
  while (line[at] !== QUOTE) at += line[at] === BACKSLASH ? 2 : 1;
  return at;
}
