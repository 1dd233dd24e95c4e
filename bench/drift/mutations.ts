import { seededRandom } from '../../lambda/core/random';

const BAD = ['NaN', '1e400', '-', '{}', '[[[1]]]', '\\"', '\\u0000', '9'.repeat(500), 'null', '', 'Infinity', '0x1F', '1.', '--1'];
const CHUNK_LINES = 2000;
const NEWLINE = 0x0a;

/** Lines of a capture file of which half are damaged: cut short, a byte changed to any other, or with a value that is none. */
export async function* mutatedCapture(lines: number, features: number): AsyncIterable<Uint8Array> {
  const random = seededRandom(23);
  for (let made = 0; made < lines;) {
    const chunk: Buffer[] = [];
    for (; chunk.length < CHUNK_LINES && made < lines; made++) chunk.push(mutatedLine(random, features));
    yield Buffer.concat(chunk);
  }
}

function mutatedLine(random: () => number, features: number): Buffer {
  const bad = random() < 0.3 ? Math.floor(random() * features) : -1;
  const values = Array.from({ length: features }, (_, i) => (i === bad ? BAD[Math.floor(random() * BAD.length)]! : String(Math.floor(random() * 100))));
  const encoding = random() < 0.1 ? 'JSON' : random() < 0.1 ? 'BASE64' : 'CSV';
  const line = Buffer.from(`{"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT","data":"${values.join(',')}","encoding":"${encoding}"},`
    + '"endpointOutput":{"observedContentType":"text/csv","mode":"OUTPUT","data":"0.5","encoding":"CSV"}},'
    + '"eventMetadata":{"eventId":"00000000-5f3a","inferenceTime":"2026-02-01T10:15:00Z"},"eventVersion":"0"}\n');
  const kind = random();
  if (kind < 0.2) return Buffer.concat([line.subarray(0, 1 + Math.floor(random() * (line.length - 2))), Buffer.from('\n')]);
  if (kind < 0.5) {
    const byte = Math.floor(random() * 256);
    line[Math.floor(random() * (line.length - 1))] = byte === NEWLINE ? 0 : byte;
  }
  return line;
}
