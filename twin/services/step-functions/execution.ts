import type { Principal } from '../../service';
import type { World } from '../../world';
import type { Definition, Json } from './definition';
import { errorAndCause } from './failure';
import { Interpreter } from './interpreter';
import { ExecutionLog } from './logging';
import { Scope } from './scope';
import { runSequence, type StateContext, type Surroundings } from './sequence';
import type { Execution, ExecutionStatus, Revision, StepFunctionsState } from './state';

const YEAR = 365 * 24 * 3600;
const FIVE_MINUTES = 300;

/** Events that the history of a standard execution holds; one that reaches the quota fails. */
const MAX_HISTORY = 25_000;

export interface Start {
  readonly arn: string;
  readonly name: string;
  readonly machine: Revision;
  readonly input: string;
  readonly mapRunArn?: string;
  readonly itemCount?: number;
  /** Of the parent, for a child of a distributed map. */
  readonly scope?: Scope;
}

/** Starts executions and sees them through to their end. */
export class ExecutionEngine {
  private readonly interpreter: Interpreter;
  private readonly logs = new WeakMap<Execution, ExecutionLog>();

  constructor(private readonly world: World, private readonly state: StepFunctionsState) {
    this.interpreter = new Interpreter(world.clock, world.random);
  }

  /** Throws in the interpreter's words if the definition as a whole is malformed. */
  validate(definition: Definition): void {
    this.interpreter.validate(definition);
  }

  start({ arn, name, machine, input, mapRunArn, itemCount, scope: parent }: Start): { execution: Execution; ended: Promise<Execution> } {
    const execution: Execution = {
      arn, name, machine, input, mapRunArn, itemCount,
      startedAt: this.world.clock.date(), history: [], scope: parent?.child() ?? new Scope(), status: 'RUNNING',
    };
    this.state.executions.set(arn, execution);
    if (machine.logging !== undefined) this.logs.set(execution, new ExecutionLog(this.world, machine.logging, execution));
    this.note(execution, 'ExecutionStarted', { executionStartedEventDetails: { input, roleArn: machine.roleArn } });
    this.announce(execution);
    return { execution, ended: this.run(execution) };
  }

  /** Ends a running execution from outside. */
  stop(execution: Execution, error?: string, cause?: string): void {
    this.finish(execution, 'ABORTED', { error, cause });
  }

  /** Ends a running execution for a reason of Step Functions' own, past any Catch. */
  fail(execution: Execution, error: string, cause: string): void {
    this.finish(execution, 'FAILED', { error, cause });
  }

  private async run(execution: Execution): Promise<Execution> {
    const { definition, type } = execution.machine;
    const limit = Math.min(definition.TimeoutSeconds ?? Infinity, type === 'EXPRESS' ? FIVE_MINUTES : YEAR);
    const timer = this.world.clock.after(limit * 1000, `time-out of ${execution.name}`, () => this.finish(execution, 'TIMED_OUT', { error: 'States.Timeout' }));
    const cancelled = new Promise<void>((resolve) => { execution.scope.onCancel(resolve); });
    const { TimeoutSeconds: _timeout, ...sequence } = definition;
    const surroundings = this.surroundings(execution);
    await Promise.race([
      cancelled,
      this.useKey(execution, surroundings.caller).then(() => (
        runSequence(sequence, JSON.parse(execution.input), this.context(execution), execution.scope, surroundings)
      )).then(
        (output) => this.finish(execution, 'SUCCEEDED', { output: JSON.stringify(output) ?? 'null' }),
        (error: unknown) => this.finish(execution, 'FAILED', errorAndCause(error)),
      ),
    ]);
    // The parent of a child was ended.
    if (execution.status === 'RUNNING') this.finish(execution, 'ABORTED', {});
    timer.cancel();
    return execution;
  }

  /** Data of a machine with a customer's key is encrypted and decrypted in the name of its role. */
  private async useKey({ machine }: Execution, caller: Principal): Promise<void> {
    if (machine.encryptionKeyId === undefined) return;
    await this.world.call({ service: 'states', operation: 'UseKey', input: { keyId: machine.encryptionKeyId, stateMachineArn: machine.arn }, caller });
  }

  private finish(execution: Execution, status: ExecutionStatus, result: { output?: string; error?: string; cause?: string }): void {
    if (execution.status !== 'RUNNING') return;
    Object.assign(execution, { status, stoppedAt: this.world.clock.date(), ...result });
    execution.scope.cancel();
    const type = { SUCCEEDED: 'ExecutionSucceeded', FAILED: 'ExecutionFailed', TIMED_OUT: 'ExecutionTimedOut', ABORTED: 'ExecutionAborted', RUNNING: '' }[status];
    this.note(execution, type, { [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`]: result });
    this.announce(execution);
  }

  private surroundings(execution: Execution): Surroundings {
    const caller: Principal = { kind: 'role', roleArn: execution.machine.roleArn, sessionName: execution.name.slice(0, 64) };
    return {
      world: this.world, state: this.state, interpreter: this.interpreter, engine: this, execution, caller,
      note: (type, details) => this.note(execution, type, details),
    };
  }

  private context({ arn, name, input, startedAt, machine }: Execution): StateContext {
    return {
      Execution: { Id: arn, Name: name, Input: JSON.parse(input), RoleArn: machine.roleArn, StartTime: startedAt.toISOString(), RedriveCount: 0 },
      StateMachine: { Id: machine.arn, Name: machine.name },
      State: {},
      Task: {},
    };
  }

  private note(execution: Execution, type: string, details: Json = {}): void {
    // What ends after the execution did has no place in its history.
    if (execution.status !== 'RUNNING' && !type.startsWith('Execution')) return;
    const id = execution.history.length + 1;
    const event = { id, previousEventId: id - 1, timestamp: this.world.clock.date(), type, ...details };
    execution.history.push(event);
    this.logs.get(execution)?.add(event);
    // The guide does not name the error. The last event of a history may be beyond the quota: it says why there are no more.
    if (id === MAX_HISTORY && execution.machine.type === 'STANDARD' && execution.status === 'RUNNING') {
      this.finish(execution, 'FAILED', { error: 'States.Runtime', cause: `The execution reached the maximum number of history events (${MAX_HISTORY}).` });
    }
  }

  /** Standard executions tell EventBridge of every change; Express ones and children of a map do not. */
  private announce({ arn, machine, name, status, startedAt, stoppedAt, input, output, error, cause, mapRunArn }: Execution): void {
    if (machine.type === 'EXPRESS' || mapRunArn !== undefined) return;
    this.world.publish({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [arn],
      detail: {
        executionArn: arn, stateMachineArn: machine.arn, name, status,
        startDate: startedAt.getTime(), stopDate: stoppedAt?.getTime() ?? null,
        input, output: output ?? null, error: error ?? null, cause: cause ?? null,
        inputDetails: { included: true }, outputDetails: output === undefined ? null : { included: true },
      },
    });
  }
}
