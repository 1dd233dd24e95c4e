import { isDistributed, type Definition, type Json, type State } from './definition';
import { runDistributedMap } from './distributed-map';
import { StateFailure } from './failure';
import type { Scope } from './scope';
import { runSequence, type StateContext, type Surroundings } from './sequence';

/** What a Map without MaxConcurrency runs at once; beyond it, iterations wait. */
const INLINE_CONCURRENCY = 40;

export async function runMap(name: string, state: State, input: Json, context: StateContext, scope: Scope, surroundings: Surroundings): Promise<Json> {
  if (isDistributed(state)) return runDistributedMap(name, state, input, context, scope, surroundings);
  const items = await itemsOf(state, input, context, surroundings);
  surroundings.note('MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  const iterations = scope.child();
  try {
    return await inParallel(items, state.MaxConcurrency || INLINE_CONCURRENCY, async (item: Json, index) => {
      const own = { ...context, State: {}, Task: {}, Map: { Item: { Index: index, Value: item } } };
      const details = { name, index };
      surroundings.note('MapIterationStarted', { mapIterationStartedEventDetails: details });
      try {
        const given = await selectItem(state, input, item, own, surroundings);
        const output = await runSequence(processorOf(state), given, own, iterations, surroundings);
        surroundings.note('MapIterationSucceeded', { mapIterationSucceededEventDetails: details });
        return output;
      } catch (error) {
        surroundings.note('MapIterationFailed', { mapIterationFailedEventDetails: details });
        throw error;
      }
    });
  } catch (error) {
    iterations.cancel();
    throw error;
  }
}

export function processorOf(state: State): Definition {
  return (state.ItemProcessor ?? state.Iterator) as Definition;
}

/** The array that a Map without ItemReader runs over. */
export async function itemsOf(state: State, input: Json, context: StateContext, { interpreter }: Surroundings): Promise<Json[]> {
  const items = state.ItemsPath === undefined ? input : await interpreter.evaluate(state.ItemsPath as string, input, context);
  if (!Array.isArray(items)) {
    throw new StateFailure('States.Runtime', `Reference path "${state.ItemsPath ?? '$'}" of the Map state must point to an array.`);
  }
  return items;
}

/** What one iteration gets: the item, or what ItemSelector (formerly Parameters) makes of it. */
export async function selectItem(state: State, input: Json, item: Json, context: StateContext, { interpreter }: Surroundings): Promise<Json> {
  const template = state.ItemSelector ?? state.Parameters;
  return template === undefined ? item : interpreter.evaluate(template, input, context);
}

/** All results in order, at most `limit` at a time; the first error stops new ones from starting. */
export async function inParallel<T, R>(items: readonly T[], limit: number, run: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await run(items[index]!, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
