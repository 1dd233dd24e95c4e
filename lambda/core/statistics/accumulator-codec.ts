import { MergeError } from '../errors';
import { Accumulator } from './accumulator';
import { Layout } from './column';
import { ObjectRange } from './manifest';
import { RejectCount, Rejects } from './rejects';

/**
 * An accumulator as bytes: eight of magic and version, the length of a JSON header, the header (padded to eight), then the numbers as
 * little-endian doubles. Equal accumulators have equal bytes.
 */
const MAGIC = 'DRIFTAC1';

interface Header {
  readonly baseline: string;
  readonly rows: number;
  readonly rejects: Record<string, RejectCount>;
  readonly objects: readonly ObjectRange[];
  readonly cells: readonly number[];
}

export function encodeAccumulator(accumulator: Accumulator): Uint8Array {
  const cells = [...accumulator.cells.keys()].sort((a, b) => a - b);
  const header: Header = {
    baseline: accumulator.layout.hash,
    rows: accumulator.rows,
    rejects: accumulator.rejects.toJSON(),
    objects: accumulator.manifest.ranges().map(({ key, version, start, end }) => ({ key, version, start, end })),
    cells,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const arrays = [...fixedArrays(accumulator), ...cells.map((cell) => accumulator.cells.get(cell)!)];
  const body = padded(12 + json.length);
  const bytes = new Uint8Array(body + 8 * arrays.reduce((sum, array) => sum + array.length, 0));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, json.length, true);
  bytes.set(json, 12);
  let at = body;
  for (const array of arrays) {
    for (const number of array) {
      view.setFloat64(at, number, true);
      at += 8;
    }
  }
  return bytes;
}

export function decodeAccumulator(bytes: Uint8Array, layout: Layout): Accumulator {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) {
    throw new MergeError('corrupt', `not an accumulator of format ${MAGIC}; delete it and scan its hour again`);
  }
  const length = view.getUint32(8, true);
  const header = readHeader(bytes.subarray(12, 12 + length));
  if (header.baseline !== layout.hash) {
    throw new MergeError('foreign-baseline', `accumulator was counted under baseline ${header.baseline}, not ${layout.hash};`
      + ' recount its records under the present baseline');
  }
  const accumulator = new Accumulator(layout);
  accumulator.rows = header.rows;
  accumulator.rejects.merge(Rejects.fromJSON(header.rejects));
  for (const range of header.objects) accumulator.addObject(range);
  const cells = header.cells.map((cell) => accumulator.cellAt(cell * layout.cellSeconds * 1000));
  const arrays = [...fixedArrays(accumulator), ...cells];
  let at = padded(12 + length);
  const expected = at + 8 * arrays.reduce((sum, array) => sum + array.length, 0);
  if (expected !== bytes.length) {
    throw new MergeError('corrupt', `accumulator has ${bytes.length} bytes instead of ${expected}; delete it and scan its hour again`);
  }
  for (const array of arrays) {
    for (let i = 0; i < array.length; i++) {
      array[i] = view.getFloat64(at, true);
      at += 8;
    }
  }
  return accumulator;
}

function readHeader(bytes: Uint8Array): Header {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Header;
  } catch {
    throw new MergeError('corrupt', 'the accumulator\'s header is damaged; delete it and scan its hour again');
  }
}

function fixedArrays(accumulator: Accumulator): Float64Array[] {
  return [accumulator.counts, accumulator.offsets, accumulator.missing, accumulator.invalid, accumulator.min, accumulator.max];
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
