import type { Child } from './distributed-map';
import { checkFields, type Json, type State } from './definition';
import { StateFailure } from './failure';
import type { StateContext, Surroundings } from './sequence';
import type { Execution, MapRun } from './state';

const PUT = /^arn:[^:]+:states:::s3:putObject$/;

export function checkResultWriter(writer: Json, path: string, faults: string[]): void {
  if (writer === undefined) return;
  checkFields(writer, ['Resource', 'Parameters', 'WriterConfig'], path, faults);
  checkFields(writer.WriterConfig ?? {}, ['Transformation', 'OutputType'], `${path}/WriterConfig`, faults);
  if ((writer.Resource === undefined) !== (writer.Parameters === undefined) || (writer.Resource ?? writer.WriterConfig) === undefined) {
    faults.push(`SCHEMA_VALIDATION_FAILED: give WriterConfig, or Resource and Parameters, or all three at ${path}`);
  }
  if (writer.Resource !== undefined && !PUT.test(String(writer.Resource))) {
    faults.push(`SCHEMA_VALIDATION_FAILED: the resource "${writer.Resource}" is not s3:putObject at ${path}/Resource`);
  }
}

export function exportsResults(state: State): boolean {
  return state.ResultWriter?.Resource !== undefined;
}

/** The children's outputs, which have to fit into the state. */
export function returnedResults(state: State, run: MapRun): Json {
  const transformation = state.ResultWriter?.WriterConfig?.Transformation ?? 'COMPACT';
  return run.children.flatMap((child) => transformed(child, child.status === 'SUCCEEDED' ? transformation : 'NONE'));
}

/** Puts the results where ResultWriter says, a file per status, also those of a run that failed; gives what the Map state then returns. */
export async function exportResults(
  state: State, input: Json, run: MapRun, notStarted: readonly Child[], context: StateContext, surroundings: Surroundings,
): Promise<Json> {
  const { Parameters: parameters, WriterConfig: config = {} } = state.ResultWriter;
  const destination = await surroundings.interpreter.evaluate(parameters, input, context);
  const folder = [destination.Prefix?.replace(/\/$/, ''), run.arn.split(':').pop()].filter((part) => part !== undefined && part !== '').join('/');
  const lines = config.OutputType === 'JSONL';
  const succeeded = run.children.filter(({ status }) => status === 'SUCCEEDED');
  const failed = run.children.filter(({ status }) => status !== 'SUCCEEDED');
  try {
    const files = {
      FAILED: await write('FAILED', failed.map(entryOf)),
      PENDING: await write('PENDING', notStarted.map((child) => ({ Input: JSON.stringify(child.input), InputDetails: { Included: true }, Status: 'PENDING' }))),
      SUCCEEDED: await write('SUCCEEDED', succeeded.flatMap((child) => transformed(child, config.Transformation ?? 'NONE'))),
    };
    const manifest = { DestinationBucket: destination.Bucket, MapRunArn: run.arn, ResultFiles: files };
    await upload(destination.Bucket, `${folder}/manifest.json`, JSON.stringify(manifest), surroundings);
  } catch (error) {
    throw new StateFailure('States.ResultWriterFailed', `Failed to write results to s3://${destination.Bucket}/${folder}: ${(error as Error).message}`);
  }
  run.exported = [...run.children];
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: destination.Bucket, Key: `${folder}/manifest.json` } };

  async function write(status: string, entries: Json[]): Promise<Json[]> {
    if (entries.length === 0) return [];
    const text = lines ? entries.map((entry) => JSON.stringify(entry)).join('\n') : JSON.stringify(entries);
    const key = `${folder}/${status}_0.${lines ? 'jsonl' : 'json'}`;
    await upload(destination.Bucket, key, text, surroundings);
    return [{ Key: key, Size: Buffer.byteLength(text) }];
  }
}

/** In parts, as a distributed map writes: its role needs more than the right to put an object. */
async function upload(Bucket: string, Key: string, text: string, { world, caller }: Surroundings): Promise<void> {
  const s3 = (operation: string, input: object): Promise<Json> => world.call({ service: 's3', operation, input: { Bucket, Key, ...input }, caller });
  const { UploadId } = await s3('CreateMultipartUpload', {});
  try {
    await s3('UploadPart', { UploadId, PartNumber: 1, Body: Buffer.from(text) });
    const { Parts } = await s3('ListParts', { UploadId });
    await s3('CompleteMultipartUpload', { UploadId, MultipartUpload: { Parts: Parts.map(({ PartNumber, ETag }: Json) => ({ PartNumber, ETag })) } });
  } catch (error) {
    await s3('AbortMultipartUpload', { UploadId }).catch(() => undefined);
    throw error;
  }
}

function transformed(child: Execution, transformation: string): Json[] {
  if (transformation === 'NONE') return [entryOf(child)];
  const output = JSON.parse(child.output!) as Json;
  return transformation === 'FLATTEN' && Array.isArray(output) ? output : [output];
}

function entryOf({ arn, name, machine, input, output, error, cause, status, startedAt, stoppedAt }: Execution): Json {
  const redrivable = status !== 'SUCCEEDED' && machine.type === 'STANDARD';
  return {
    ExecutionArn: arn, Input: input, InputDetails: { Included: true }, Name: name,
    ...(output === undefined ? { Error: error, Cause: cause } : { Output: output, OutputDetails: { Included: true } }),
    RedriveCount: 0, RedriveStatus: redrivable ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
    ...(status === 'SUCCEEDED' && { RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven' }),
    StartDate: startedAt.toISOString(), StateMachineArn: machine.arn, Status: status, StopDate: stoppedAt?.toISOString(),
  };
}
