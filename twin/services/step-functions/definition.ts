import { AwsError } from '../../service';
import { checkItemReader } from './item-reader';
import { checkResultWriter } from './result-writer';
import { checkTask } from './tasks';

/* eslint-disable @typescript-eslint/no-explicit-any -- JSON of the user's making */
export type Json = any;

/** A state as the Amazon States Language writes it. */
export interface State {
  readonly Type: string;
  readonly [field: string]: Json;
}

/** A sequence of states: a machine, a branch of a Parallel, the processor of a Map. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds?: number;
  readonly ProcessorConfig?: { readonly Mode?: string; readonly ExecutionType?: string };
  readonly [field: string]: Json;
}

const MACHINE = ['Comment', 'StartAt', 'States', 'Version', 'TimeoutSeconds', 'QueryLanguage'];
const BRANCH = ['Comment', 'StartAt', 'States', 'QueryLanguage'];
const EVERY = ['Type', 'Comment', 'QueryLanguage'];
const FLOW = ['InputPath', 'OutputPath', 'Next', 'End'];
const RESULT = ['Parameters', 'ResultSelector', 'ResultPath', 'Retry', 'Catch'];
const DISTRIBUTED = [
  'ItemReader', 'ItemBatcher', 'ResultWriter', 'Label',
  'ToleratedFailurePercentage', 'ToleratedFailureCount',
];

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Task: [...FLOW, ...RESULT, 'Resource', 'TimeoutSeconds', 'HeartbeatSeconds'],
  Parallel: [...FLOW, ...RESULT, 'Branches'],
  Map: [...FLOW, ...RESULT, 'ItemProcessor', 'Iterator', 'ItemsPath', 'ItemSelector', 'MaxConcurrency', ...DISTRIBUTED],
  Pass: [...FLOW, 'Parameters', 'Result', 'ResultPath'],
  Wait: [...FLOW, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'],
  Choice: ['InputPath', 'OutputPath', 'Choices', 'Default'],
  Succeed: ['InputPath', 'OutputPath'],
  Fail: ['Error', 'ErrorPath', 'Cause', 'CausePath'],
};

const RETRIER = ['ErrorEquals', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy', 'Comment'];
const CATCHER = ['ErrorEquals', 'ResultPath', 'Next', 'Comment'];
const COMPARISON = /^((String|Numeric|Timestamp)(Equals|LessThan|GreaterThan|LessThanEquals|GreaterThanEquals)(Path)?|BooleanEquals(Path)?|StringMatches|Is(Null|Present|Numeric|String|Boolean|Timestamp))$/;
const INTRINSICS = new Set([
  'Format', 'StringToJson', 'JsonToString', 'Array', 'ArrayPartition', 'ArrayContains', 'ArrayRange', 'ArrayGetItem', 'ArrayLength', 'ArrayUnique',
  'Base64Encode', 'Base64Decode', 'Hash', 'JsonMerge', 'MathRandom', 'MathAdd', 'StringSplit', 'UUID',
]);

/** Of a distributed map, in the names of its runs and children. */
const LABEL = /^[^\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]{1,40}$/;

export function isDistributed(state: State): boolean {
  return (state.ItemProcessor ?? state.Iterator)?.ProcessorConfig?.Mode === 'DISTRIBUTED';
}

/** Reads a definition and refuses, by name and path, everything that would not have its effect here. */
export function parseDefinition(text: string, type = 'STANDARD'): Definition {
  let definition: Definition;
  try {
    definition = JSON.parse(text) as Definition;
  } catch (error) {
    throw invalid(`INVALID_JSON_DESCRIPTION: ${(error as Error).message}`);
  }
  const faults: string[] = [];
  checkSequence(definition, MACHINE, '', faults);
  const labels = new Set<string>();
  for (const [state, path] of statesOf(definition)) {
    if (state.Type !== 'Map' || !isDistributed(state)) continue;
    if (type === 'EXPRESS') faults.push(`SCHEMA_VALIDATION_FAILED: a Map of Mode "DISTRIBUTED" is not supported in Express workflows at ${path}`);
    checkDistributed(state, path, labels, faults);
  }
  if (faults.length > 0) throw invalid(faults.join(', '));
  return definition;
}

export function invalid(message: string): AwsError {
  return new AwsError('InvalidDefinition', `Invalid State Machine Definition: '${message}'`);
}

function checkSequence(sequence: Definition, fields: readonly string[], path: string, faults: string[]): void {
  if (sequence === null || typeof sequence !== 'object' || typeof sequence.States !== 'object') {
    faults.push(`MISSING_FIELD: Field "States" is required at ${path || '/'}`);
    return;
  }
  checkFields(sequence, fields, path, faults);
  checkQueryLanguage(sequence, path, faults);
  for (const [name, state] of Object.entries(sequence.States)) checkState(state, `${path}/States/${name}`, faults);
}

function checkState(state: State, path: string, faults: string[]): void {
  const fields = FIELDS[state.Type];
  if (fields === undefined) {
    faults.push(`SCHEMA_VALIDATION_FAILED: Type "${state.Type}" is not one of ${Object.keys(FIELDS).join(', ')} at ${path}`);
    return;
  }
  checkFields(state, [...EVERY, ...fields], path, faults);
  checkQueryLanguage(state, path, faults);
  checkIntrinsics(state, path, faults);
  list(state.Retry).forEach((retrier, index) => checkFields(retrier, RETRIER, `${path}/Retry[${index}]`, faults));
  list(state.Catch).forEach((catcher, index) => checkFields(catcher, CATCHER, `${path}/Catch[${index}]`, faults));
  list(state.Choices).forEach((rule, index) => checkChoice(rule, ['Next'], `${path}/Choices[${index}]`, faults));
  list(state.Branches).forEach((branch, index) => checkSequence(branch, BRANCH, `${path}/Branches[${index}]`, faults));
  if (state.Type === 'Map') checkMap(state, path, faults);
  if (state.Type === 'Task') checkTask(state, path, faults);
}

function checkMap(state: State, path: string, faults: string[]): void {
  const field = state.ItemProcessor === undefined ? 'Iterator' : 'ItemProcessor';
  const processor = state[field] as Definition | undefined;
  if (processor === undefined) {
    faults.push(`MISSING_FIELD: Field "ItemProcessor" is required at ${path}`);
    return;
  }
  checkSequence(processor, [...BRANCH, 'ProcessorConfig'], `${path}/${field}`, faults);
  checkFields(processor.ProcessorConfig ?? {}, ['Mode', 'ExecutionType'], `${path}/${field}/ProcessorConfig`, faults);
  if (!isDistributed(state)) {
    for (const name of DISTRIBUTED.filter((only) => only in state)) {
      faults.push(`SCHEMA_VALIDATION_FAILED: Field "${name}" needs ProcessorConfig.Mode "DISTRIBUTED" at ${path}`);
    }
  }
  checkItemReader(state.ItemReader, `${path}/ItemReader`, faults);
  checkFields(state.ItemBatcher ?? {}, ['MaxItemsPerBatch', 'MaxInputBytesPerBatch', 'BatchInput'], `${path}/ItemBatcher`, faults);
  checkResultWriter(state.ResultWriter, `${path}/ResultWriter`, faults);
}

/** Step Functions' guide to distributed maps: only in standard workflows, of a named type, with labels of their own. */
function checkDistributed(state: State, path: string, labels: Set<string>, faults: string[]): void {
  const { ExecutionType: type } = (state.ItemProcessor ?? state.Iterator).ProcessorConfig;
  if (type !== 'STANDARD' && type !== 'EXPRESS') faults.push(`SCHEMA_VALIDATION_FAILED: ExecutionType "${type}" is not STANDARD or EXPRESS at ${path}/ItemProcessor/ProcessorConfig`);
  if (state.Label === undefined) return;
  if (typeof state.Label !== 'string' || !LABEL.test(state.Label)) {
    faults.push(`SCHEMA_VALIDATION_FAILED: Label "${state.Label}" is not 1 to 40 characters without spaces and ? * < > { } [ ] : ; , \\ | ^ ~ $ # % & \` " at ${path}/Label`);
  } else if (labels.has(state.Label)) faults.push(`SCHEMA_VALIDATION_FAILED: Label "${state.Label}" is not unique at ${path}/Label`);
  labels.add(state.Label);
}

/** States of all sequences below, with their paths. */
function* statesOf(sequence: Definition, path = ''): Generator<readonly [State, string]> {
  for (const [name, state] of Object.entries(sequence?.States ?? {})) {
    const at = `${path}/States/${name}`;
    yield [state, at];
    for (const [index, branch] of list(state.Branches).entries()) yield* statesOf(branch, `${at}/Branches[${index}]`);
    const processor = (state.ItemProcessor ?? state.Iterator) as Definition | undefined;
    if (processor !== undefined) yield* statesOf(processor, `${at}/ItemProcessor`);
  }
}

function checkChoice(rule: Json, extra: readonly string[], path: string, faults: string[]): void {
  const nested = [...list(rule.And), ...list(rule.Or), ...(rule.Not === undefined ? [] : [rule.Not])];
  nested.forEach((inner, index) => checkChoice(inner, [], `${path}/${index}`, faults));
  const comparisons = Object.keys(rule).filter((name) => COMPARISON.test(name));
  checkFields(rule, [...extra, 'And', 'Or', 'Not', 'Variable', 'Comment', ...comparisons], path, faults);
}

function checkQueryLanguage(holder: Json, path: string, faults: string[]): void {
  if (holder.QueryLanguage !== undefined && holder.QueryLanguage !== 'JSONPath') {
    faults.push(`SCHEMA_VALIDATION_FAILED: QueryLanguage "${holder.QueryLanguage}" is not implemented by the twin, write the state in JSONPath at ${path || '/'}`);
  }
}

function checkIntrinsics(state: State, path: string, faults: string[]): void {
  for (const field of ['Parameters', 'ResultSelector', 'ItemSelector', 'ItemBatcher']) {
    for (const [, name] of JSON.stringify(state[field] ?? null).matchAll(/\bStates\.(\w+)\(/g)) {
      if (!INTRINSICS.has(name!)) faults.push(`SCHEMA_VALIDATION_FAILED: intrinsic function States.${name} is not known at ${path}/${field}`);
    }
  }
}

/** A field nobody implements must not pass in silence: it would have its effect on AWS. */
export function checkFields(holder: Json, allowed: readonly string[], path: string, faults: string[]): void {
  for (const name of Object.keys(holder)) {
    if (!allowed.includes(name)) faults.push(`SCHEMA_VALIDATION_FAILED: Field "${name}" is not supported at ${path || '/'}`);
  }
}

function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}
