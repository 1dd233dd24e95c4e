import { AwsError, type AuthorizationRequest, type Operation } from '../../service';
import type { World } from '../../world';
import type { KmsService } from '../kms';
import type { ExecutionEngine } from './execution';
import { MAX_STATE_BYTES } from './failure';
import { allowDelivery } from './logging';
import type { Execution, MapRun, PendingCallback, StateMachine, StepFunctionsState } from './state';

type Operations = Readonly<Record<string, Operation>>;

export function executionOperations(world: World, state: StepFunctionsState, engine: ExecutionEngine): Operations {
  function start(input: { stateMachineArn: string; name?: string; input?: string }): { execution: Execution; ended?: Promise<Execution> } {
    const machine = machineOf(state, input.stateMachineArn);
    state.assertNotDeleting(machine.arn);
    const text = input.input ?? '{}';
    checkInput(text);
    const name = input.name ?? world.random.uuid();
    const express = machine.type === 'EXPRESS';
    const arn = express
      ? world.arn('states', `express:${machine.name}:${name}:${world.random.uuid()}`)
      : world.arn('states', `execution:${machine.name}:${name}`);
    const existing = state.executions.get(arn);
    if (existing !== undefined) {
      if (existing.status === 'RUNNING' && existing.input === text) return { execution: existing };
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    // A copy: an update of the machine does not reach what runs.
    return engine.start({ arn, name, input: text, machine: { ...machine } });
  }

  return {
    StartExecution: {
      authorize: ({ stateMachineArn }) => [{ action: 'states:StartExecution', resource: stateMachineArn }],
      run: (input) => {
        const { execution } = start(input);
        return { executionArn: execution.arn, startDate: execution.startedAt };
      },
    },
    StartSyncExecution: {
      authorize: ({ stateMachineArn }) => [{ action: 'states:StartSyncExecution', resource: stateMachineArn }],
      run: async (input) => {
        if (machineOf(state, input.stateMachineArn).type !== 'EXPRESS') {
          throw new AwsError('StateMachineTypeNotSupported', 'This operation is not supported by this type of state machine');
        }
        const { execution, ended } = start(input);
        await ended;
        return { ...describeExecution(execution), billingDetails: { billedMemoryUsedInMB: 64, billedDurationInMilliseconds: 100 } };
      },
    },
    DescribeExecution: {
      authorize: ({ executionArn }) => [...onExecution('states:DescribeExecution')({ executionArn }), ...reading(world, state.executions.get(executionArn))],
      run: ({ executionArn }) => describeExecution(executionOf(state, executionArn)),
    },
    DescribeStateMachineForExecution: {
      authorize: onExecution('states:DescribeStateMachineForExecution'),
      run: ({ executionArn }) => {
        const { machine, startedAt } = executionOf(state, executionArn);
        return { stateMachineArn: machine.arn, name: machine.name, definition: machine.definitionText, roleArn: machine.roleArn, updateDate: startedAt };
      },
    },
    ListExecutions: {
      authorize: ({ stateMachineArn, mapRunArn }) => [{ action: 'states:ListExecutions', resource: stateMachineArn ?? mapRunArn }],
      run: ({ stateMachineArn, mapRunArn, statusFilter, maxResults, nextToken }) => {
        if (stateMachineArn !== undefined) machineOf(state, stateMachineArn);
        const found = [...state.executions.values()].filter((execution) => (
          mapRunArn === undefined ? execution.machine.arn === stateMachineArn : execution.mapRunArn === mapRunArn
        )).reverse();
        const { page, next } = paginate(found, maxResults, nextToken);
        // Filtered after it was cut: "the actual number of results returned per call might be fewer".
        return { executions: page.filter(({ status }) => statusFilter === undefined || status === statusFilter).map(summarizeExecution), nextToken: next };
      },
    },
    StopExecution: {
      authorize: onExecution('states:StopExecution'),
      run: ({ executionArn, error, cause }) => {
        const execution = executionOf(state, executionArn);
        engine.stop(execution, error, cause);
        return { stopDate: execution.stoppedAt };
      },
    },
    GetExecutionHistory: {
      authorize: ({ executionArn }) => [...onExecution('states:GetExecutionHistory')({ executionArn }), ...reading(world, state.executions.get(executionArn))],
      run: ({ executionArn, reverseOrder, maxResults, nextToken }) => {
        const { history } = executionOf(state, executionArn);
        const { page, next } = paginate(reverseOrder ? [...history].reverse() : history, maxResults, nextToken);
        return { events: page, nextToken: next };
      },
    },
    DescribeMapRun: {
      authorize: ({ mapRunArn }) => [{ action: 'states:DescribeMapRun', resource: mapRunArn }],
      run: ({ mapRunArn }) => {
        const run = state.mapRuns.get(mapRunArn);
        if (run === undefined) throw new AwsError('ResourceNotFound', `Map Run does not exist: '${mapRunArn}'`);
        return describeMapRun(run);
      },
    },
    ListMapRuns: {
      authorize: onExecution('states:ListMapRuns'),
      run: ({ executionArn }) => ({
        mapRuns: [...state.mapRuns.values()].filter((run) => run.executionArn === executionArn)
          .map(({ arn, startedAt, stoppedAt }) => ({
            executionArn, mapRunArn: arn, stateMachineArn: executionOf(state, executionArn).machine.arn, startDate: startedAt, stopDate: stoppedAt,
          })),
      }),
    },
  };
}

export function machineOperations(state: StepFunctionsState): Operations {
  return {
    DescribeStateMachine: {
      authorize: ({ stateMachineArn }) => [{ action: 'states:DescribeStateMachine', resource: stateMachineArn }],
      run: ({ stateMachineArn }) => {
        const machine = machineOf(state, stateMachineArn);
        const { arn, name, type, status, createdAt, definitionText, roleArn, revisionId, loggingConfiguration, tracingConfiguration, encryptionConfiguration } = machine;
        return {
          stateMachineArn: arn, name, type, status, creationDate: createdAt, definition: definitionText, roleArn, revisionId,
          loggingConfiguration, tracingConfiguration, encryptionConfiguration,
        };
      },
    },
    ListStateMachines: {
      authorize: () => [{ action: 'states:ListStateMachines', resource: '*' }],
      run: ({ maxResults, nextToken }) => {
        const { page, next } = paginate([...state.machines.values()], maxResults, nextToken);
        return { stateMachines: page.map(({ arn, name, type, createdAt }) => ({ stateMachineArn: arn, name, type, creationDate: createdAt })), nextToken: next };
      },
    },
    ListTagsForResource: {
      authorize: ({ resourceArn }) => [{ action: 'states:ListTagsForResource', resource: resourceArn }],
      run: ({ resourceArn }) => ({ tags: [...machineOf(state, resourceArn).tags] }),
    },
  };
}

export function callbackOperations(state: StepFunctionsState): Operations {
  const authorize = (action: string) => (): AuthorizationRequest[] => [{ action: `states:${action}`, resource: '*' }];
  const pending = (token: string): PendingCallback => {
    const found = state.callbacks.get(token);
    if (found === undefined) throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    return found;
  };
  return {
    SendTaskSuccess: {
      authorize: authorize('SendTaskSuccess'),
      run: ({ taskToken, output }) => {
        pending(taskToken).succeed(JSON.parse(output));
        state.callbacks.delete(taskToken);
        return {};
      },
    },
    SendTaskFailure: {
      authorize: authorize('SendTaskFailure'),
      run: ({ taskToken, error, cause }) => {
        pending(taskToken).fail(error ?? 'States.TaskFailed', cause ?? '');
        state.callbacks.delete(taskToken);
        return {};
      },
    },
    SendTaskHeartbeat: {
      authorize: authorize('SendTaskHeartbeat'),
      run: ({ taskToken }) => {
        pending(taskToken).heartbeat();
        return {};
      },
    },
  };
}

/** What Step Functions checks of a role without a call that anybody else sees. */
export function internalOperations(world: World): Operations {
  return {
    /** A distributed map starts executions of its own machine, and looks at them; the two rights of the least policy in its guide. */
    StartMapRun: {
      authorize: ({ stateMachineArn, executionArn }) => [
        { action: 'states:StartExecution', resource: stateMachineArn }, { action: 'states:DescribeExecution', resource: executionArn },
      ],
      run: () => ({}),
    },
    /** For `.sync`, Step Functions keeps a rule in the account, in the name of the machine's role. */
    CreateManagedRule: {
      authorize: ({ name }) => ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'].map((action) => ({ action, resource: world.arn('events', `rule/${name}`) })),
      run: () => ({}),
    },
    /** Logging goes through a delivery that the role sets up. */
    CreateLogDelivery: {
      authorize: () => [
        'CreateLogDelivery', 'GetLogDelivery', 'UpdateLogDelivery', 'DeleteLogDelivery', 'ListLogDeliveries', 'DescribeLogGroups',
      ].map((action) => ({ action: `logs:${action}`, resource: '*' })),
      run: ({ group }, { caller }) => allowDelivery(world, caller, group),
    },
    UseKey: {
      authorize: ({ keyId, stateMachineArn }) => ['GenerateDataKey', 'Decrypt'].map((action) => keyPermission(world, action, keyId, stateMachineArn)),
      run: () => ({}),
    },
  };
}

function onExecution(action: string) {
  return ({ executionArn }: { executionArn: string }): AuthorizationRequest[] => [{ action, resource: executionArn }];
}

/** Whoever reads the data of an execution must be able to decrypt it. */
function reading(world: World, execution: Execution | undefined): AuthorizationRequest[] {
  const machine = execution?.machine;
  return machine?.encryptionKeyId === undefined ? [] : [keyPermission(world, 'Decrypt', machine.encryptionKeyId, machine.arn)];
}

function keyPermission(world: World, action: string, keyId: string, stateMachineArn: string): AuthorizationRequest {
  return world.service<KmsService>('kms').permission(action, keyId, 'states', { 'aws:states:stateMachineArn': stateMachineArn });
}

function machineOf(state: StepFunctionsState, arn: string): StateMachine {
  const machine = state.machines.get(arn);
  if (machine === undefined) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  return machine;
}

function executionOf(state: StepFunctionsState, arn: string): Execution {
  const execution = state.executions.get(arn);
  // Express executions are not to be described; they leave only their log.
  if (execution === undefined || arn.includes(':express:')) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  return execution;
}

function checkInput(text: string): void {
  const size = Buffer.byteLength(text);
  if (size > MAX_STATE_BYTES) throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${size} bytes exceed the maximum of ${MAX_STATE_BYTES}'`);
  try {
    JSON.parse(text);
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
}

function summarizeExecution({ arn, machine, name, status, startedAt, stoppedAt, mapRunArn, itemCount }: Execution) {
  return { executionArn: arn, stateMachineArn: machine.arn, name, status, startDate: startedAt, stopDate: stoppedAt, mapRunArn, itemCount, redriveCount: 0 };
}

function describeExecution(execution: Execution) {
  const { itemCount: _items, ...summary } = summarizeExecution(execution);
  const { input, output, error, cause } = execution;
  return {
    ...summary, input, inputDetails: { included: true }, output, ...(output === undefined ? {} : { outputDetails: { included: true } }), error, cause,
    redriveStatus: 'NOT_REDRIVABLE',
  };
}

function describeMapRun(run: MapRun) {
  const count = (weight: (child: Execution) => number, total: number) => {
    const sum = (children: readonly Execution[]) => children.reduce((all, child) => all + weight(child), 0);
    const of = (...statuses: string[]) => sum(run.children.filter(({ status }) => statuses.includes(status)));
    const counts = { running: of('RUNNING'), succeeded: of('SUCCEEDED'), failed: of('FAILED'), timedOut: of('TIMED_OUT'), aborted: of('ABORTED') };
    return { ...counts, pending: total - sum(run.children), total, resultsWritten: sum(run.exported) };
  };
  return {
    mapRunArn: run.arn, executionArn: run.executionArn, status: run.status, startDate: run.startedAt, stopDate: run.stoppedAt,
    maxConcurrency: run.maxConcurrency, toleratedFailurePercentage: run.toleratedFailurePercentage, toleratedFailureCount: run.toleratedFailureCount,
    itemCounts: count((child) => child.itemCount ?? 1, run.items), executionCounts: count(() => 1, run.total), redriveCount: 0,
  };
}

function paginate<T>(items: readonly T[], maxResults: number | undefined, token: string | undefined): { page: T[]; next?: string } {
  const from = token === undefined ? 0 : Number(token);
  const to = from + (maxResults || 100);
  return { page: items.slice(from, to), next: to < items.length ? String(to) : undefined };
}
