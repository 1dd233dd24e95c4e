import { AwsError, type Principal } from '../../../service';
import type { World } from '../../../world';
import type { Json } from '../definition';
import { StateFailure } from '../failure';
import type { Scope } from '../scope';
import type { Integration } from './integrations';

/** One attempt at a Task state. */
export interface Task {
  readonly world: World;
  readonly caller: Principal;
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly scope: Scope;
  /** What `Parameters` came to. */
  readonly parameters: Json;
  /** Resolves when somebody reports on the task's token. */
  callback(): Promise<Json>;
  /** Adds to the execution's history. */
  note(type: string, details: Json): void;
}

/** A call as the state machine's role; its failure under the name by which Retry and Catch know it. */
export async function callAs(integration: Integration, task: Task, operation: string, input: Json): Promise<Json> {
  const service = integration.operation.service.signingName;
  try {
    return await task.world.call({ service, operation, input, caller: task.caller });
  } catch (error) {
    throw failureOf(integration, error);
  }
}

export function failureOf(integration: Integration, error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  const declared = integration.operation.service.error(integration.operation, error.code)?.name;
  const name = declared === undefined ? integration.undeclaredError : `${declared.replace(/Exception$/, '')}Exception`;
  return new StateFailure(
    `${integration.errorPrefix}.${name}`,
    `${error.message} (Service: ${integration.errorPrefix}, Status Code: ${error.httpStatus}, Error Code: ${error.code})`,
  );
}
