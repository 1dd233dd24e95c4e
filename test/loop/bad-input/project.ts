import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Loop } from '../support/loop';

const EXAMPLE = path.resolve(__dirname, '../../../examples/flight-delay');

/** A file of the example, changed; an edit that finds nothing to change would test nothing. */
export function edited(file: string, from: string, to: string): Record<string, string> {
  const text = readFileSync(path.join(EXAMPLE, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} of the example does not hold '${from}'`);
  return { [file]: text.replace(from, to) };
}

/** Puts another version of the project where the pipeline's source action finds it, as a deployment does. `null` leaves a file out. */
export async function changeProject(loop: Loop, changes: Readonly<Record<string, string | null>> = {}): Promise<void> {
  const { pipeline } = await loop.call('codepipeline', 'GetPipeline', { name: loop.names.trainingPipeline });
  const { S3Bucket, S3ObjectKey } = pipeline.stages[0].actions[0].configuration;
  const files = { ...example(), ...changes };
  const kept = Object.entries(files).flatMap(([name, text]) => (text === null ? [] : [[name, strToU8(text)] as const]));
  await loop.account.upload(S3Bucket, S3ObjectKey, zipSync(Object.fromEntries(kept)));
}

/** The example without its own tests, which are tried elsewhere. */
function example(): Record<string, string> {
  const modules = readdirSync(path.join(EXAMPLE, 'flight_delay')).filter((name) => name.endsWith('.py')).map((name) => `flight_delay/${name}`);
  return Object.fromEntries(['Dockerfile', ...modules].map((name) => [name, readFileSync(path.join(EXAMPLE, name), 'utf8')]));
}
