import { parse } from 'csv-parse/sync';
import { checkFields, type Json, type State } from './definition';
import { StateFailure } from './failure';
import type { StateContext, Surroundings } from './sequence';

const LIST = /^arn:[^:]+:states:::s3:listObjectsV2$/;
const GET = /^arn:[^:]+:states:::s3:getObject$/;
const TYPES = ['JSON', 'JSONL', 'CSV'];
/** The guide to ItemReader: what a file and an item of it may have, which ItemSelector then has to bring below what a state may have. */
const MAX_FILE_BYTES = 10 * 1024 ** 3;
const MAX_ITEM_BYTES = 8 * 1024 ** 2;
const DELIMITERS: Readonly<Record<string, string>> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

export function checkItemReader(reader: Json, path: string, faults: string[]): void {
  if (reader === undefined) return;
  checkFields(reader, ['Resource', 'Parameters', 'ReaderConfig'], path, faults);
  const config = reader.ReaderConfig ?? {};
  checkFields(config, ['InputType', 'MaxItems', 'CSVHeaderLocation', 'CSVHeaders', 'CSVDelimiter'], `${path}/ReaderConfig`, faults);
  const resource = String(reader.Resource);
  if (!LIST.test(resource) && !GET.test(resource)) {
    faults.push(`SCHEMA_VALIDATION_FAILED: the resource "${resource}" is not s3:listObjectsV2 or s3:getObject at ${path}/Resource`);
  }
  if (GET.test(resource) && !TYPES.includes(config.InputType)) {
    faults.push(`SCHEMA_VALIDATION_FAILED: InputType "${config.InputType}" is not implemented by the twin, which reads ${TYPES.join(', ')} at ${path}/ReaderConfig`);
  }
}

/** The items of a distributed map that are kept in S3, read as the state machine's role. */
export async function readItems(state: State, input: Json, context: StateContext, surroundings: Surroundings): Promise<Json[]> {
  const { Resource: resource, Parameters: template, ReaderConfig: config = {} } = state.ItemReader;
  const parameters = await surroundings.interpreter.evaluate(template ?? {}, input, context);
  try {
    const items = LIST.test(String(resource)) ? await listObjects(parameters, surroundings) : await readObject(parameters, config, surroundings);
    return config.MaxItems === undefined ? items : items.slice(0, config.MaxItems as number);
  } catch (error) {
    throw new StateFailure('States.ItemReaderFailed', `Attempted to read items with ${resource} and ${JSON.stringify(parameters)}: ${(error as Error).message}`);
  }
}

async function listObjects(parameters: Json, { world, caller }: Surroundings): Promise<Json[]> {
  const items: Json[] = [];
  let token: string | undefined;
  do {
    const page: Json = await world.call({ service: 's3', operation: 'ListObjectsV2', input: { ...parameters, ContinuationToken: token }, caller });
    for (const { ETag, Key, LastModified, Size, StorageClass } of page.Contents ?? []) {
      items.push({ Etag: ETag, Key, LastModified: Math.floor(new Date(LastModified as Date).getTime() / 1000), Size, StorageClass: StorageClass ?? 'STANDARD' });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return items;
}

async function readObject(parameters: Json, config: Json, { world, caller }: Surroundings): Promise<Json[]> {
  const { Body } = await world.call({ service: 's3', operation: 'GetObject', input: parameters, caller });
  const bytes = Buffer.from(Body as Uint8Array);
  if (bytes.length > MAX_FILE_BYTES) throw new Error(`the object has ${bytes.length} bytes, at most ${MAX_FILE_BYTES} are read`);
  const items = parseItems(bytes.toString('utf8'), config);
  const tooLarge = items.findIndex((item) => Buffer.byteLength(JSON.stringify(item)) > MAX_ITEM_BYTES);
  if (tooLarge >= 0) throw new Error(`item ${tooLarge} has more than ${MAX_ITEM_BYTES} bytes`);
  return items;
}

function parseItems(text: string, config: Json): Json[] {
  if (config.InputType === 'JSON') return expectArray(JSON.parse(text));
  if (config.InputType === 'JSONL') return text.split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Json);
  const columns = config.CSVHeaderLocation === 'GIVEN' ? (config.CSVHeaders as string[]) : true;
  return parse(text, { columns, delimiter: DELIMITERS[config.CSVDelimiter ?? 'COMMA'], bom: true }) as Json[];
}

function expectArray(value: Json): Json[] {
  if (!Array.isArray(value)) throw new Error('the object is not a JSON array, which is all that the twin iterates over');
  return value;
}
