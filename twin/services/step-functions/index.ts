import type { Operation, ResourceProvider, Service } from '../../service';
import type { World } from '../../world';
import { callbackOperations, executionOperations, internalOperations, machineOperations } from './api';
import { ExecutionEngine } from './execution';
import { stateMachineProvider } from './resources';
import { StepFunctionsState } from './state';

/** Step Functions: state machines in JSONPath, standard and express, inline and distributed maps, jobs waited for by `.sync`. */
export class StepFunctionsService implements Service {
  readonly name = 'states';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  readonly state = new StepFunctionsState();
  readonly conditions = this.state.conditions;

  constructor(world: World) {
    const engine = new ExecutionEngine(world, this.state);
    this.operations = {
      ...executionOperations(world, this.state, engine),
      ...machineOperations(this.state),
      ...callbackOperations(this.state),
      ...internalOperations(world),
    };
    this.resources = { 'AWS::StepFunctions::StateMachine': stateMachineProvider(world, this.state, engine) };
  }

  remaining(): string[] {
    const running = [...this.state.executions.values()].filter(({ status }) => status === 'RUNNING');
    return [...this.state.machines.keys(), ...running.map(({ arn }) => arn)];
  }
}
