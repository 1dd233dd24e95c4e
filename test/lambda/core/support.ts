import { Baseline, buildBaseline, csvRows, ObjectSource } from '../../../lambda/core';
import { seededRandom } from '../../../lambda/core/random';

/** An object held in memory, given out in pieces as a stream would. */
export function textObject(name: string, content: string | Uint8Array, chunk = 64 * 1024): ObjectSource {
  return { name, open: () => chunks(content, chunk) };
}

export async function* chunks(content: string | Uint8Array, size: number): AsyncIterable<Uint8Array> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function baselineOf(csv: string, options: { label?: string; time?: string } = {}): Promise<Baseline> {
  return (await buildBaseline({ sources: [csvRows(textObject('train.csv', csv))], ...options })).baseline;
}

/** Standard normal numbers. */
export function normals(seed: number): () => number {
  const random = seededRandom(seed);
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export const HOUR = 3_600_000;

export interface CaptureOptions {
  readonly input: string;
  readonly output?: string;
  readonly time?: string;
  readonly encoding?: string;
  readonly contentType?: string;
}

/** A line of a capture file as an endpoint writes it. */
export function captureLine({ input, output = '0.5', time = '2026-02-01T10:15:00Z', encoding = 'CSV', contentType = 'text/csv' }: CaptureOptions): string {
  const data = (text: string) => (encoding === 'BASE64' ? Buffer.from(text).toString('base64') : text);
  return JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: contentType, mode: 'INPUT', data: data(input), encoding },
      endpointOutput: { observedContentType: contentType, mode: 'OUTPUT', data: data(output), encoding },
    },
    eventMetadata: { eventId: '00000000-0000-4000-8000-000000000000', inferenceTime: time },
    eventVersion: '0',
  });
}
