import { AwsError, type Operation } from '../../service';
import type { World } from '../../world';
import { StackOperationError } from './errors';
import type { CloudFormationService, StackOperation } from '.';
import { checkOperator, passRole, refuseUnsupported, reportingTemplateErrors, stackInput } from './requests';
import type { Stack, Stacks } from './state';

/** CreateStack, UpdateStack, DeleteStack: each begins its work and answers at once. */
export function stackOperations(world: World, service: CloudFormationService): Record<string, Operation> {
  const { stacks } = service;
  const isRepeated = (stack: Stack | undefined, token: string | undefined) => token !== undefined && stack?.requestToken === token;
  return {
    CreateStack: {
      authorize: ({ StackName, RoleARN }) => [{ action: 'cloudformation:CreateStack', resource: stackArn(world, stacks, StackName) }, ...passRole(RoleARN)],
      run: async (input, { caller }) => {
        const existing = stacks.find(input.StackName);
        if (isRepeated(existing, input.ClientRequestToken)) return { StackId: existing!.stackId };
        if (existing !== undefined) throw new AwsError('AlreadyExistsException', `Stack [${input.StackName}] already exists`);
        const given = await stackInput(world, input, caller);
        const operation = reportingTemplateErrors(() => service.beginCreate(given));
        operation.stack.isProtected = input.EnableTerminationProtection ?? false;
        // The name is taken from now on.
        stacks.add(operation.stack);
        return begin(world, operation, input.ClientRequestToken);
      },
    },
    UpdateStack: {
      authorize: ({ StackName, RoleARN }) => [{ action: 'cloudformation:UpdateStack', resource: stackArn(world, stacks, StackName) }, ...passRole(RoleARN)],
      run: async (input, { caller }) => {
        const stack = existingStack(stacks, input.StackName);
        if (isRepeated(stack, input.ClientRequestToken)) return { StackId: stack.stackId };
        const given = await stackInput(world, input, caller, stack);
        const operation = beginUpdate(service, stack, given);
        if (operation === undefined) throw new AwsError('ValidationError', 'No updates are to be performed.');
        return begin(world, operation, input.ClientRequestToken);
      },
    },
    DeleteStack: {
      authorize: ({ StackName, RoleARN }) => [{ action: 'cloudformation:DeleteStack', resource: stackArn(world, stacks, StackName) }, ...passRole(RoleARN)],
      run: (input, { caller }) => {
        refuseUnsupported(input);
        const stack = stacks.find(input.StackName);
        if (stack === undefined || ['DELETE_IN_PROGRESS', 'DELETE_COMPLETE'].includes(stack.status)) return {};
        if (stack.isProtected) throw new AwsError('ValidationError', `Stack [${stack.stackName}] cannot be deleted while TerminationProtection is enabled`);
        if (stack.status === 'CREATE_IN_PROGRESS') {
          throw new AwsError('NotImplemented', `the twin's CloudFormation does not delete stack ${stack.stackName} while it is being created`, 501);
        }
        if (isBusy(stack)) throw new AwsError('ValidationError', `Stack [${stack.stackId}] cannot be deleted while in status ${stack.status}`);
        checkOperator(world, input.RoleARN ?? stack.roleArn, caller);
        begin(world, inUse(() => service.beginDelete(stack)), input.ClientRequestToken);
        return {};
      },
    },
    UpdateTerminationProtection: {
      authorize: ({ StackName }) => [{ action: 'cloudformation:UpdateTerminationProtection', resource: stackArn(world, stacks, StackName) }],
      run: ({ StackName, EnableTerminationProtection }) => {
        const stack = existingStack(stacks, StackName);
        stack.isProtected = EnableTerminationProtection;
        return { StackId: stack.stackId };
      },
    },
  };
}

export function stackArn(world: World, stacks: Stacks, name: string): string {
  return stacks.find(name)?.stackId ?? (name.startsWith('arn:') ? name : world.arn('cloudformation', `stack/${name}/*`));
}

export function existingStack(stacks: Stacks, name: string): Stack {
  const stack = stacks.find(name);
  if (stack === undefined) throw new AwsError('ValidationError', `Stack [${name}] does not exist`);
  return stack;
}

export function isBusy({ status }: Stack): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
}

export function beginUpdate(service: CloudFormationService, stack: Stack, given: Awaited<ReturnType<typeof stackInput>>): StackOperation | undefined {
  try {
    return reportingTemplateErrors(() => service.beginUpdate(stack, given));
  } catch (error) {
    if (error instanceof StackOperationError) throw new AwsError('ValidationError', `Stack:${stack.stackId} is in ${stack.status} state and can not be updated.`);
    throw error;
  }
}

/** Lets an operation run by itself. How it ends stands in the stack's status and events; anything else is a defect of the twin. */
export function begin(world: World, { stack, run }: StackOperation, token: string | undefined, ended: (succeeded: boolean) => void = () => undefined): { StackId: string } {
  stack.requestToken = token;
  const running = run().then(() => ended(true), (error: unknown) => {
    if (!(error instanceof StackOperationError)) throw error;
    ended(false);
  });
  world.clock.after(0, `operation on stack ${stack.stackName}`, () => running);
  return { StackId: stack.stackId };
}

/** An export that another stack uses keeps its stack from being deleted. */
function inUse<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof AwsError ? error : new AwsError('ValidationError', (error as Error).message);
  }
}
