import type { Principal } from '../../service';
import type { World } from '../../world';
import type { Definition, Json, State } from './definition';
import type { ExecutionEngine } from './execution';
import { errorAndCause, inputData, resultData, StateFailure } from './failure';
import type { Interpreter, StateEvent } from './interpreter';
import { runMap } from './map';
import type { Scope } from './scope';
import type { Execution, StepFunctionsState } from './state';
import { runTask } from './tasks';

/** What a sequence of states runs with; branches and iterations share all of it but scope and context. */
export interface Surroundings {
  readonly world: World;
  readonly state: StepFunctionsState;
  readonly interpreter: Interpreter;
  readonly engine: ExecutionEngine;
  readonly execution: Execution;
  /** The state machine's role. */
  readonly caller: Principal;
  note(type: string, details?: Json): void;
}

/** What `$$` shows. `State` and `Task` change as the sequence moves on. */
export interface StateContext {
  readonly Execution: Json;
  readonly StateMachine: Json;
  readonly State: { Name?: string; EnteredTime?: string; RetryCount?: number };
  readonly Task: { Token?: string };
  readonly Map?: Json;
}

/** Runs one sequence: the machine itself, a branch of a Parallel, an iteration of a Map. Parallel and Map come back here. */
export async function runSequence(
  definition: Definition, input: Json, context: StateContext, scope: Scope, surroundings: Surroundings,
): Promise<Json> {
  const handlers: Record<string, (input: Json) => Promise<Json>> = {};
  const states: Record<string, State> = {};
  for (const [name, state] of Object.entries(definition.States)) {
    states[name] = toInterpreted(state);
    if (states[name].Type === 'Task') {
      handlers[name] = (given) => runState(name, state, given, context, scope, surroundings);
    }
  }
  const run = surroundings.interpreter.run({ ...definition, States: states }, input, {
    context,
    overrides: { taskResourceLocalHandlers: handlers },
    onEvent: (event) => observe(event, definition, context, surroundings),
  });
  const withdraw = scope.onCancel(() => run.abort());
  try {
    return await run.result;
  } catch (error) {
    throw error instanceof Error && error.name === 'ExecutionError' ? error.cause : error;
  } finally {
    withdraw();
  }
}

/** Parallel and Map are handed to the interpreter as tasks of ours: it knows neither distributed maps nor contexts of their own. */
function toInterpreted(state: State): State {
  if (state.Type !== 'Parallel' && state.Type !== 'Map') return state;
  const kept = ['InputPath', 'OutputPath', 'ResultSelector', 'ResultPath', 'Retry', 'Catch', 'Next', 'End', ...(state.Type === 'Parallel' ? ['Parameters'] : [])];
  return { ...Object.fromEntries(kept.filter((field) => field in state).map((field) => [field, state[field]])), Type: 'Task', Resource: state.Type };
}

async function runState(name: string, state: State, input: Json, context: StateContext, scope: Scope, surroundings: Surroundings): Promise<Json> {
  if (state.Type !== 'Parallel' && state.Type !== 'Map') return attempt(name, state, input, context, scope, surroundings);
  const output = await (state.Type === 'Map' ? runMap(name, state, input, context, scope, surroundings) : runParallel(state, input, context, scope, surroundings));
  resultData(output, name);
  return output;
}

async function runParallel(state: State, input: Json, context: StateContext, scope: Scope, surroundings: Surroundings): Promise<Json> {
  surroundings.note('ParallelStateStarted');
  const branches = scope.child();
  try {
    return await Promise.all((state.Branches as Definition[]).map(
      (branch) => runSequence(branch, input, { ...context, State: {}, Task: {} }, branches, surroundings),
    ));
  } catch (error) {
    branches.cancel();
    throw error;
  }
}

/** One attempt at a Task: its time-out, its heartbeat, its token, and the history it leaves. */
async function attempt(name: string, state: State, parameters: Json, context: StateContext, outer: Scope, surroundings: Surroundings): Promise<Json> {
  const { world, execution, caller } = surroundings;
  const scope = outer.child();
  const names = taskEventNames(String(state.Resource));
  surroundings.note(names.scheduled, { [names.scheduledDetails]: names.scheduling(inputData(parameters, name), world.region) });
  surroundings.note(names.started);
  try {
    const result = await Promise.race([
      overdue(state, world, scope),
      runTask(state, {
        world, caller, scope, parameters, conditions: surroundings.state.conditions,
        executionArn: execution.arn, stateMachineArn: execution.machine.arn,
        callback: () => callback(state, context, scope, surroundings),
        note: (type, details) => surroundings.note(type, { [detailsMember(type)]: { ...names.resource, ...details } }),
      }),
    ]);
    const output = resultData(result, names.resource.resourceType ?? state.Resource);
    surroundings.note(names.succeeded, { [detailsMember(names.succeeded)]: { ...names.resource, output } });
    return result;
  } catch (error) {
    const type = error instanceof StateFailure && error.name === 'States.Timeout' ? names.timedOut : names.failed;
    surroundings.note(type, { [detailsMember(type)]: { ...names.resource, ...errorAndCause(error) } });
    throw error;
  } finally {
    // Ends what is still running for this attempt: its timers, and a job that outlived its time-out.
    scope.cancel();
  }
}

function overdue(state: State, world: World, scope: Scope): Promise<never> {
  const seconds: unknown = state.TimeoutSeconds;
  return new Promise((_, reject) => {
    if (typeof seconds !== 'number') return;
    const timer = world.clock.after(seconds * 1000, 'task time-out', () => reject(new StateFailure('States.Timeout', `The task timed out after ${seconds} s.`)));
    scope.onCancel(() => timer.cancel());
  });
}

function callback(state: State, context: StateContext, scope: Scope, { state: held, world }: Surroundings): Promise<Json> {
  const token = context.Task.Token!;
  return new Promise((resolve, reject) => {
    const seconds = state.HeartbeatSeconds as number | undefined;
    const arm = () => (seconds === undefined ? undefined : world.clock.after(seconds * 1000, 'task heartbeat', () => {
      reject(new StateFailure('States.HeartbeatTimeout', `No heartbeat for ${seconds} s.`));
    }));
    let timer = arm();
    held.callbacks.set(token, {
      succeed: resolve,
      fail: (error, cause) => reject(new StateFailure(error, cause)),
      heartbeat: () => { timer?.cancel(); timer = arm(); },
    });
    scope.onCancel(() => { timer?.cancel(); held.callbacks.delete(token); });
  });
}

/** Keeps `$$.State` and the history in step with the interpreter. */
function observe(event: StateEvent, definition: Definition, context: StateContext, { world, note, engine, execution, state: held }: Surroundings): void {
  const { state } = event;
  if (state === undefined) return;
  const type = definition.States[state.name]!.Type;
  if (event.type === 'StateEntered') {
    // Of a machine that is being deleted, executions end at their next transition.
    if (held.isDeleting(execution.machine)) return engine.fail(execution, 'States.Runtime', `State machine ${execution.machine.name} has been deleted.`);
    context.State.Name = state.name;
    context.State.EnteredTime = world.clock.date().toISOString();
    context.State.RetryCount = 0;
    context.Task.Token = world.random.text(64, 'abcdefghijklmnopqrstuvwxyz0123456789');
    note(`${type}StateEntered`, { stateEnteredEventDetails: { name: state.name, input: inputData(state.input, state.name) } });
  } else if (event.type === 'StateExited') {
    note(`${type}StateExited`, { stateExitedEventDetails: { name: state.name, output: resultData(state.output, state.name) } });
  } else if (event.type === 'StateRetried') {
    context.State.RetryCount = (context.State.RetryCount ?? 0) + 1;
    context.Task.Token = world.random.text(64, 'abcdefghijklmnopqrstuvwxyz0123456789');
  }
}

function detailsMember(type: string): string {
  return `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
}

function taskEventNames(resource: string): Json {
  if (resource.includes(':lambda:') && resource.includes(':function:')) {
    return {
      scheduled: 'LambdaFunctionScheduled', scheduledDetails: 'lambdaFunctionScheduledEventDetails', started: 'LambdaFunctionStarted',
      scheduling: (input: string) => ({ resource, input }),
      succeeded: 'LambdaFunctionSucceeded', failed: 'LambdaFunctionFailed', timedOut: 'LambdaFunctionTimedOut', resource: {},
    };
  }
  const [resourceType, ...action] = resource.split(':::').pop()!.split(':');
  const task = { resourceType, resource: action.join(':') };
  return {
    scheduled: 'TaskScheduled', scheduledDetails: 'taskScheduledEventDetails', started: 'TaskStarted',
    scheduling: (parameters: string, region: string) => ({ ...task, parameters, region }),
    succeeded: 'TaskSucceeded', failed: 'TaskFailed', timedOut: 'TaskTimedOut', resource: task,
  };
}
