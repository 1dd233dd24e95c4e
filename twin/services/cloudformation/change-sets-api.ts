import { AwsError, type Operation } from '../../service';
import type { World } from '../../world';
import type { ChangeSet } from './change-set';
import { changeSetDescription, changeSetSummary } from './change-set-views';
import type { CloudFormationService } from '.';
import { passRole, reportingTemplateErrors, stackInput } from './requests';
import { begin, beginUpdate, existingStack, isBusy, stackArn } from './stacks-api';
import type { Stack } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

/** Virtual time that CloudFormation takes to make a change set. */
const CREATION_MILLISECONDS = 2_000;

/** Change sets: made, described, executed and deleted, as `cdk deploy` does it. */
export function changeSetOperations(world: World, service: CloudFormationService): Record<string, Operation> {
  const { stacks } = service;
  const onStack = (action: string, run: Operation['run']): Operation => ({
    authorize: ({ StackName, ChangeSetName }) => [{
      action: `cloudformation:${action}`, resource: stackArn(world, stacks, StackName ?? stackOf(service, ChangeSetName)?.stackId ?? '*'),
      ...(ChangeSetName !== undefined && { context: { 'cloudformation:ChangeSetName': nameOf(ChangeSetName) } }),
    }],
    run,
  });
  return {
    CreateChangeSet: {
      authorize: (input, call) => [...onStack('CreateChangeSet', () => undefined).authorize(input, call), ...passRole(input.RoleARN)],
      run: async (input, { caller }) => {
        const { ChangeSetType = 'UPDATE', ChangeSetName: name } = input;
        if (ChangeSetType === 'IMPORT') throw new AwsError('NotImplemented', 'the twin\'s CloudFormation does not import resources', 501);
        const existing = stacks.find(input.StackName);
        checkType(existing, ChangeSetType, input.StackName);
        const same = existing?.changeSets.get(name);
        if (same !== undefined && same.token !== undefined && same.token === input.ClientToken) return { Id: same.id, StackId: existing!.stackId };
        // One that was executed is history: its name is free.
        if (same !== undefined && !same.executionStatus.startsWith('EXECUTE_')) throw new AwsError('AlreadyExistsException', `ChangeSet ${name} already exists`);
        const given = await stackInput(world, input, caller, ChangeSetType === 'UPDATE' ? existing : undefined);
        const stack = existing ?? service.review(input.StackName);
        const hasChanges = ChangeSetType === 'CREATE' || beginUpdate(service, stack, given) !== undefined;
        const changeSet: ChangeSet = {
          id: world.arn('cloudformation', `changeSet/${name}/${world.random.uuid()}`), name, type: ChangeSetType, description: input.Description,
          token: input.ClientToken, createdAt: world.clock.date(), input: given, status: 'CREATE_PENDING', executionStatus: 'UNAVAILABLE',
          changes: reportingTemplateErrors(() => service.changes(stack, given)),
        };
        if (existing === undefined) {
          stacks.add(stack);
          service.markStack(stack, 'REVIEW_IN_PROGRESS', 'User Initiated');
        }
        stack.changeSets.set(name, changeSet);
        settle(world, changeSet, hasChanges);
        return { Id: changeSet.id, StackId: stack.stackId };
      },
    },
    DescribeChangeSet: onStack('DescribeChangeSet', (input) => {
      const { stack, changeSet } = find(service, input);
      return changeSetDescription(stack, changeSet, input.IncludePropertyValues ?? false);
    }),
    ListChangeSets: onStack('ListChangeSets', ({ StackName }) => {
      const stack = existingStack(stacks, StackName);
      return { Summaries: [...stack.changeSets.values()].filter(({ executionStatus }) => !executionStatus.startsWith('EXECUTE')).map((each) => changeSetSummary(stack, each)) };
    }),
    DeleteChangeSet: onStack('DeleteChangeSet', ({ StackName, ChangeSetName }) => {
      const stack = StackName === undefined ? stackOf(service, ChangeSetName) : existingStack(stacks, StackName);
      const changeSet = stack && byNameOrId(stack, ChangeSetName);
      if (changeSet === undefined) return {};
      if (changeSet.executionStatus === 'EXECUTE_IN_PROGRESS') throw cannot('deleted', changeSet, 'it is being executed');
      stack!.changeSets.delete(changeSet.name);
      return {};
    }),
    ExecuteChangeSet: onStack('ExecuteChangeSet', (input) => {
      if (input.DisableRollback === true || input.RetainExceptOnCreate === true) {
        throw new AwsError('NotImplemented', 'the twin\'s CloudFormation implements neither DisableRollback nor RetainExceptOnCreate', 501);
      }
      const { stack, changeSet } = find(service, input);
      if (input.ClientRequestToken !== undefined && stack.requestToken === input.ClientRequestToken) return {};
      if (changeSet.executionStatus !== 'AVAILABLE') {
        throw cannot('executed', changeSet, `its current execution status is [${changeSet.executionStatus}] and its status is [${changeSet.status}]`);
      }
      if (isBusy(stack)) throw cannot('executed', changeSet, `stack ${stack.stackName} is in ${stack.status}`);
      const operation = changeSet.type === 'UPDATE' ? beginUpdate(service, stack, changeSet.input)
        : reportingTemplateErrors(() => service.beginCreate(changeSet.input, stack));
      if (operation === undefined) throw cannot('executed', changeSet, 'the stack is already as it wants it');
      // Those that were made for the stack as it was can never be executed.
      for (const other of [...stack.changeSets.values()]) if (other !== changeSet) stack.changeSets.delete(other.name);
      changeSet.executionStatus = 'EXECUTE_IN_PROGRESS';
      begin(world, operation, input.ClientRequestToken, (succeeded) => { changeSet.executionStatus = succeeded ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED'; });
      return {};
    }),
  };
}

function checkType(stack: Stack | undefined, type: 'CREATE' | 'UPDATE', name: string): void {
  const isNew = stack === undefined || stack.status === 'REVIEW_IN_PROGRESS';
  if (type === 'UPDATE' && isNew) throw new AwsError('ValidationError', `Stack [${name}] does not exist`);
  if (type === 'CREATE' && !isNew) throw new AwsError('ValidationError', `Stack [${name}] already exists and cannot be created again with the changeSet [CREATE].`);
}

function settle(world: World, changeSet: ChangeSet, hasChanges: boolean): void {
  world.clock.after(CREATION_MILLISECONDS, `change set ${changeSet.name}`, () => {
    Object.assign(changeSet, hasChanges ? { status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE' } : {
      status: 'FAILED', statusReason: 'The submitted information didn\'t contain changes. Submit different information to create a change set.',
    });
  });
}

function find(service: CloudFormationService, { StackName, ChangeSetName }: any): { stack: Stack; changeSet: ChangeSet } {
  const stack = StackName === undefined ? stackOf(service, ChangeSetName) : existingStack(service.stacks, StackName);
  const changeSet = stack && byNameOrId(stack, ChangeSetName);
  if (stack === undefined || changeSet === undefined) throw new AwsError('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`, 404);
  return { stack, changeSet };
}

/** The stack whose change set has this ARN: with one, no stack has to be named. */
function stackOf({ stacks }: CloudFormationService, changeSetId: string): Stack | undefined {
  return stacks.all().find(({ changeSets }) => [...changeSets.values()].some(({ id }) => id === changeSetId));
}

function byNameOrId(stack: Stack, nameOrId: string): ChangeSet | undefined {
  return stack.changeSets.get(nameOrId) ?? [...stack.changeSets.values()].find(({ id }) => id === nameOrId);
}

function nameOf(nameOrId: string): string {
  return nameOrId.startsWith('arn:') ? nameOrId.split('/')[1] ?? nameOrId : nameOrId;
}

function cannot(what: string, { id }: ChangeSet, why: string): AwsError {
  return new AwsError('InvalidChangeSetStatus', `ChangeSet [${id}] cannot be ${what}: ${why}`);
}
