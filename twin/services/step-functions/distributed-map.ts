import { AwsError } from '../../service';
import type { Json, State } from './definition';
import { inputData, MAX_STATE_BYTES, StateFailure } from './failure';
import { readItems } from './item-reader';
import { inParallel, itemsOf, processorOf, selectItem } from './map';
import { exportResults, exportsResults, returnedResults } from './result-writer';
import type { Scope } from './scope';
import type { StateContext, Surroundings } from './sequence';
import type { MapRun, Revision } from './state';

/** A hard quota, and what runs where no MaxConcurrency is given. */
const MAX_CHILDREN_AT_ONCE = 10_000;

/** Input of a child execution, and how many items are in it. */
export interface Child {
  readonly input: Json;
  readonly items: number;
}

/** A Map whose iterations are executions of their own, over items that may lie in S3. */
export async function runDistributedMap(
  name: string, state: State, input: Json, context: StateContext, outer: Scope, surroundings: Surroundings,
): Promise<Json> {
  const { world } = surroundings;
  await allowed(surroundings);
  const items = state.ItemReader === undefined ? await itemsOf(state, input, context, surroundings) : await readItems(state, input, context, surroundings);
  const children = await batch(state, input, items, context, surroundings);

  const scope = outer.child();
  const label = (state.Label as string | undefined) ?? name.replace(/[^A-Za-z0-9_-]/g, '').slice(0, 40);
  const run = begin(state, label, items.length, children.length, surroundings);
  surroundings.note('MapRunStarted', { mapRunStartedEventDetails: { mapRunArn: run.arn } });
  scope.onCancel(() => end(run, 'ABORTED', world.clock.date()));
  try {
    await runChildren(name, state, children, label, run, scope, surroundings);
    const result = exportsResults(state) ? await exportResults(state, input, run, [], context, surroundings) : returnedResults(state, run);
    end(run, 'SUCCEEDED', world.clock.date());
    surroundings.note('MapRunSucceeded');
    return result;
  } catch (error) {
    end(run, 'FAILED', world.clock.date());
    scope.cancel();
    if ((error as Error).name === EXCEEDED && exportsResults(state)) {
      // The run fails for the children's failures, whether or not they can be written down.
      await exportResults(state, input, run, children.slice(run.children.length), context, surroundings).catch(() => undefined);
    }
    surroundings.note('MapRunFailed', { mapRunFailedEventDetails: { error: (error as Error).name, cause: (error as Error).message } });
    throw error;
  }
}

const EXCEEDED = 'States.ExceedToleratedFailureThreshold';

async function runChildren(
  name: string, state: State, children: readonly Child[], label: string, run: MapRun, scope: Scope, surroundings: Surroundings,
): Promise<void> {
  const { world, execution } = surroundings;
  const machine = childMachine(state, label, surroundings);
  let failedItems = 0;
  await inParallel(children, Math.min(state.MaxConcurrency || MAX_CHILDREN_AT_ONCE, MAX_CHILDREN_AT_ONCE), async (child) => {
    const childName = world.random.uuid();
    const { execution: started, ended } = surroundings.engine.start({
      arn: world.arn('states', `execution:${execution.machine.name}/${label}:${childName}`), name: childName,
      machine, input: inputData(child.input, `a child execution of ${name}`), mapRunArn: run.arn, itemCount: child.items, scope,
    });
    run.children.push(started);
    const { status } = await ended;
    if (status === 'SUCCEEDED' || scope.cancelled) return;
    failedItems += child.items;
    if (exceeds(state, failedItems, run.items)) throw new StateFailure(EXCEEDED, 'The specified tolerated failure threshold was exceeded');
  });
}

/** The role must be allowed to start executions of the machine it runs, and to look at them. */
async function allowed({ world, caller, execution }: Surroundings): Promise<void> {
  try {
    await world.call({ service: 'states', operation: 'StartMapRun', input: { stateMachineArn: execution.machine.arn, executionArn: execution.arn }, caller });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StateFailure('StepFunctions.AWSStepFunctionsException', error.message);
  }
}

/** The inputs of the children: one item each, or as many as ItemBatcher lets into one. */
async function batch(state: State, input: Json, items: Json[], context: StateContext, surroundings: Surroundings): Promise<Child[]> {
  const selected = await Promise.all(items.map((item, index) => selectItem(
    state, input, item, { ...context, Map: { Item: { Index: index, Value: item } } }, surroundings,
  )));
  const batcher = state.ItemBatcher;
  if (batcher === undefined) return selected.map((item) => ({ input: item, items: 1 }));

  const common = batcher.BatchInput === undefined ? {} : { BatchInput: await surroundings.interpreter.evaluate(batcher.BatchInput, input, context) };
  const maxItems: number = batcher.MaxItemsPerBatch ?? Infinity;
  const maxBytes: number = Math.min(batcher.MaxInputBytesPerBatch ?? MAX_STATE_BYTES, MAX_STATE_BYTES);
  const emptySize = Buffer.byteLength(JSON.stringify({ ...common, Items: [] }));
  const batches: Json[][] = [];
  let size = Infinity;
  for (const item of selected) {
    const itemSize = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (batches.length === 0 || batches.at(-1)!.length >= maxItems || size + itemSize > maxBytes) {
      batches.push([]);
      size = emptySize;
    }
    batches.at(-1)!.push(item);
    size += itemSize;
  }
  return batches.map((members) => ({ input: { ...common, Items: members }, items: members.length }));
}

function exceeds(state: State, failed: number, total: number): boolean {
  const { ToleratedFailureCount: count, ToleratedFailurePercentage: percentage } = state;
  // With both given, whichever is reached first counts; with none, a single failure does.
  if (count === undefined && percentage === undefined) return failed > 0;
  return (count !== undefined && failed > count) || (percentage !== undefined && (failed / total) * 100 > percentage);
}

function begin(state: State, label: string, items: number, total: number, { world, state: held, execution }: Surroundings): MapRun {
  const run: MapRun = {
    arn: world.arn('states', `mapRun:${execution.machine.name}/${label}:${world.random.uuid()}`),
    executionArn: execution.arn, startedAt: world.clock.date(), children: [], items, total, status: 'RUNNING',
    maxConcurrency: state.MaxConcurrency ?? 0,
    toleratedFailureCount: state.ToleratedFailureCount ?? 0, toleratedFailurePercentage: state.ToleratedFailurePercentage ?? 0, exported: [],
  };
  held.mapRuns.set(run.arn, run);
  return run;
}

function end(run: MapRun, status: MapRun['status'], at: Date): void {
  if (run.status !== 'RUNNING') return;
  run.status = status;
  run.stoppedAt = at;
}

function childMachine(state: State, label: string, { execution: { machine } }: Surroundings): Revision {
  const { ProcessorConfig: config, ...definition } = processorOf(state);
  return {
    ...machine,
    arn: `${machine.arn}/${label}`,
    type: config?.ExecutionType === 'EXPRESS' ? 'EXPRESS' : 'STANDARD', definition, definitionText: JSON.stringify(definition),
  };
}
