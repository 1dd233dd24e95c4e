import { createHash } from 'node:crypto';
import { AwsError, type Principal } from '../../../service';
import type { World } from '../../../world';
import type { Json } from '../definition';
import type { StepFunctionsConditions } from '../conditions';
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
  readonly conditions: StepFunctionsConditions;
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
    throw failureOf(integration, task, error);
  }
}

/** The service's code is in the name only: the cause is the message of the SDK for Java 2, which names service, status and request. */
export function failureOf(integration: Integration, { executionArn, world }: Task, error: unknown): unknown {
  if (!(error instanceof AwsError)) return error;
  const declared = integration.operation.service.error(integration.operation, error.code)?.name;
  const name = declared === undefined ? integration.undeclaredError : `${declared.replace(/Exception$/, '')}Exception`;
  return new StateFailure(
    `${integration.errorPrefix}.${name}`,
    `${error.message} (Service: ${integration.errorPrefix}, Status Code: ${error.httpStatus}, Request ID: ${requestId(executionArn, world.clock.now())})`,
  );
}

function requestId(...of: unknown[]): string {
  const digest = createHash('sha256').update(of.join()).digest('hex');
  return [8, 12, 16, 20, 32].map((end, index, ends) => digest.slice(ends[index - 1] ?? 0, end)).join('-');
}
