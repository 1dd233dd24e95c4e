import type { Json, State } from './definition';
import { StateFailure } from './failure';
import type { StateContext, Surroundings } from './sequence';
import type { Execution, MapRun } from './state';

type Outcome = 'SUCCEEDED' | 'FAILED' | 'PENDING';

/** What the Map state gives on: the children's outputs, or, with a bucket to write to, where they were put. */
export async function mapResult(state: State, input: Json, run: MapRun, context: StateContext, surroundings: Surroundings): Promise<Json> {
  const writer = state.ResultWriter;
  const exports = writer?.Resource !== undefined;
  const transformation = writer?.WriterConfig?.Transformation ?? (exports ? 'NONE' : 'COMPACT');
  const succeeded = run.children.filter(({ status }) => status === 'SUCCEEDED');
  const failed = run.children.filter(({ status }) => status !== 'SUCCEEDED');
  if (!exports) return run.children.flatMap((child) => transformed(child, child.status === 'SUCCEEDED' ? transformation : 'NONE'));

  const destination = await surroundings.interpreter.evaluate(writer.Parameters, input, context);
  const folder = [destination.Prefix, run.arn.split(':').pop()].filter((part) => part !== undefined && part !== '').join('/');
  const lines = writer.WriterConfig?.OutputType === 'JSONL';
  try {
    const files = {
      FAILED: await write('FAILED', failed.flatMap((child) => transformed(child, 'NONE'))),
      PENDING: [],
      SUCCEEDED: await write('SUCCEEDED', succeeded.flatMap((child) => transformed(child, transformation))),
    };
    const manifest = { DestinationBucket: destination.Bucket, MapRunArn: run.arn, ResultFiles: files };
    await put(`${folder}/manifest.json`, JSON.stringify(manifest));
  } catch (error) {
    throw new StateFailure('States.ResultWriterFailed', `Failed to write results to s3://${destination.Bucket}/${folder}: ${(error as Error).message}`);
  }
  return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: destination.Bucket, Key: `${folder}/manifest.json` } };

  async function write(outcome: Outcome, entries: Json[]): Promise<Json[]> {
    if (entries.length === 0) return [];
    const text = lines ? entries.map((entry) => JSON.stringify(entry)).join('\n') : JSON.stringify(entries);
    const key = `${folder}/${outcome}_0.${lines ? 'jsonl' : 'json'}`;
    await put(key, text);
    return [{ Key: key, Size: Buffer.byteLength(text) }];
  }

  async function put(key: string, text: string): Promise<void> {
    const { world, caller } = surroundings;
    await world.call({ service: 's3', operation: 'PutObject', input: { Bucket: destination.Bucket, Key: key, Body: Buffer.from(text) }, caller });
  }
}

function transformed(child: Execution, transformation: string): Json[] {
  if (transformation === 'NONE') return [entryOf(child)];
  const output = JSON.parse(child.output!) as Json;
  return transformation === 'FLATTEN' && Array.isArray(output) ? output : [output];
}

function entryOf({ arn, name, machine, input, output, error, cause, status, startedAt, stoppedAt }: Execution): Json {
  return {
    ExecutionArn: arn, Input: input, InputDetails: { Included: true }, Name: name,
    ...(output === undefined ? { Error: error, Cause: cause } : { Output: output, OutputDetails: { Included: true } }),
    StartDate: startedAt.toISOString(), StateMachineArn: machine.arn, Status: status, StopDate: stoppedAt?.toISOString(),
  };
}
