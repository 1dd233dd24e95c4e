import { AwsError } from '../../../service';
import { StateFailure } from '../failure';
import type { Json } from '../definition';
import type { Task } from './task';

const DECLARED = new Set([
  'ServiceException', 'ResourceNotFoundException', 'TooManyRequestsException', 'InvalidParameterValueException', 'ResourceConflictException',
  'RequestTooLargeException', 'ResourceNotReadyException', 'KMSAccessDeniedException', 'KMSDisabledException',
]);

/** Invokes a function; its own error comes out under the name the function gave it, with the error's JSON as Cause. */
export async function invokeFunction(task: Task, parameters: Json, result: 'payload' | 'response'): Promise<Json> {
  const { Payload: payload, ...rest } = parameters;
  const output = await invoke(task, { ...rest, ...(payload === undefined ? {} : { Payload: Buffer.from(JSON.stringify(payload)) }) });
  const text = output.Payload === undefined ? '' : Buffer.from(output.Payload as Uint8Array).toString('utf8');
  const value = parsed(text);
  if (output.FunctionError !== undefined) throw new StateFailure(value?.errorType ?? 'Lambda.Unknown', text);
  if (result === 'payload') return value;
  return { ExecutedVersion: output.ExecutedVersion ?? '$LATEST', Payload: value, StatusCode: output.StatusCode };
}

async function invoke(task: Task, input: Json): Promise<Json> {
  try {
    return await task.world.call({ service: 'lambda', operation: 'Invoke', input, caller: task.caller });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StateFailure(`Lambda.${DECLARED.has(error.code) ? error.code : 'AWSLambdaException'}`, error.message);
  }
}

function parsed(text: string): Json {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A payload template with the `.$` taken off its top-level names. */
export function withoutTemplates(template: Json): Json {
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key.replace(/\.\$$/, ''), value]));
}
