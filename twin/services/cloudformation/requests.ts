import { AwsError, type AuthorizationRequest, type Principal } from '../../service';
import { TemplateError, TemplateErrors, type Tags, type Template } from '../../template';
import type { World } from '../../world';
import type { IamService } from '../iam';
import type { StackInput } from '.';
import type { Stack } from './state';
import { templateOf } from './template-source';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

/** Members of requests that would change what happens, and the values that ask for nothing. */
const NOT_IMPLEMENTED: Readonly<Record<string, (value: any) => boolean>> = {
  DeploymentConfig: ({ Mode = 'STANDARD', DisableRollback = false }) => Mode === 'STANDARD' && DisableRollback === false,
  DeploymentMode: () => false,
  DeletionMode: (value) => value === 'STANDARD',
  DisableRollback: (value) => value === false,
  NotificationARNs: ({ length }) => length === 0,
  OnFailure: (value) => value === 'ROLLBACK',
  OnStackFailure: (value) => value === 'ROLLBACK',
  ResourceTypes: ({ length }) => length === 0,
  ResourcesToImport: ({ length }) => length === 0,
  RetainExceptOnCreate: (value) => value === false,
  RetainResources: ({ length }) => length === 0,
  RollbackConfiguration: ({ RollbackTriggers = [], MonitoringTimeInMinutes = 0 }) => RollbackTriggers.length === 0 && MonitoringTimeInMinutes === 0,
  StackPolicyBody: () => false,
  StackPolicyDuringUpdateBody: () => false,
  StackPolicyDuringUpdateURL: () => false,
  StackPolicyURL: () => false,
  TimeoutInMinutes: () => false,
};

export function refuseUnsupported(input: Record<string, any>): void {
  for (const [name, asksForNothing] of Object.entries(NOT_IMPLEMENTED)) {
    if (input[name] !== undefined && !asksForNothing(input[name])) {
      throw new AwsError('NotImplemented', `the twin's CloudFormation does not implement ${name} ${JSON.stringify(input[name])}`, 501);
    }
  }
}

/** What CreateStack, UpdateStack and CreateChangeSet ask for alike. `previous` is the stack as it is, if there is one already. */
export async function stackInput(world: World, input: any, caller: Principal, previous?: Stack): Promise<StackInput> {
  refuseUnsupported(input);
  const { template, body } = await templateOf(world, input, caller, previous && {
    template: previous.template, body: previous.templateBody ?? JSON.stringify(previous.template),
  });
  const roleArn: string | undefined = input.RoleARN ?? previous?.roleArn;
  checkOperator(world, roleArn, caller);
  checkCapabilities(template, input.Capabilities ?? []);
  const parameters = givenParameters(template, input.Parameters ?? [], previous);
  await readStored(world, template, parameters, caller);
  return {
    stackName: previous?.stackName ?? input.StackName, template, templateBody: body, parameters, roleArn, capabilities: input.Capabilities ?? [],
    tags: input.Tags === undefined ? previous?.tags ?? {} : tagsOf(input.Tags),
  };
}

export function passRole(RoleARN: string | undefined): AuthorizationRequest[] {
  if (RoleARN === undefined) return [];
  return [{ action: 'iam:PassRole', resource: RoleARN, context: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } }];
}

/**
 * Who makes the stack's resources: the service role, else the caller. The twin's providers do not ask for each permission, so whoever
 * they act for has to have all of them.
 */
export function checkOperator(world: World, roleArn: string | undefined, caller: Principal): void {
  const iam = world.service<IamService>('iam');
  if (roleArn !== undefined && !iam.isTrusted(roleArn, 'cloudformation.amazonaws.com')) {
    throw new AwsError('ValidationError', `Role ${roleArn} is invalid or cannot be assumed`);
  }
  const operator = roleArn ?? (caller.kind === 'role' ? caller.roleArn : undefined);
  if (operator === undefined || mayDoEverything(iam, operator)) return;
  throw new AwsError('NotImplemented', `the twin's CloudFormation does not check each permission of the role that a stack is made with; ${operator} `
    + 'has to allow every action on every resource, as arn:aws:iam::aws:policy/AdministratorAccess does', 501);
}

function mayDoEverything(iam: IamService, roleArn: string): boolean {
  const role = iam.rolePolicies(roleArn);
  if (role === undefined || role.permissionsBoundary !== undefined) return false;
  const statements = role.identityPolicies.flatMap(({ policy }) => [policy.Statement].flat() as Array<Record<string, unknown>>);
  const names = (value: unknown) => [value].flat().includes('*');
  return statements.every(({ Effect }) => Effect === 'Allow')
    && statements.some(({ Action, Resource, Condition }) => names(Action) && names(Resource) && Condition === undefined);
}

/** Properties by which a resource of IAM is given its name. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'AWS::IAM::Role': ['RoleName'], 'AWS::IAM::ManagedPolicy': ['ManagedPolicyName'], 'AWS::IAM::Policy': [], 'AWS::IAM::RolePolicy': [],
};

/** What somebody has to acknowledge who deploys this template. */
export function requiredCapabilities(template: Template): { capabilities: string[]; reason?: string } {
  const found = Object.values(template.Resources).filter(({ Type }) => NAMES[Type] !== undefined);
  if (found.length === 0) return { capabilities: [] };
  const isNamed = found.some(({ Type, Properties = {} }) => NAMES[Type]!.some((name) => Properties[name] !== undefined));
  const types = [...new Set(found.map(({ Type }) => Type))].sort();
  return { capabilities: [isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'], reason: `The following resource(s) require capabilities: [${types.join(', ')}]` };
}

function checkCapabilities(template: Template, given: readonly string[]): void {
  const missing = requiredCapabilities(template).capabilities
    .filter((name) => !given.includes(name) && !(name === 'CAPABILITY_IAM' && given.includes('CAPABILITY_NAMED_IAM')));
  if (missing.length > 0) throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${missing.join(', ')}]`);
}

function givenParameters(template: Template, given: readonly any[], previous: Stack | undefined): Record<string, string> {
  const values = given.flatMap(({ ParameterKey, ParameterValue, UsePreviousValue = false }): Array<[string, string]> => {
    if (!UsePreviousValue) return ParameterValue === undefined ? [] : [[ParameterKey, ParameterValue]];
    const definition = previous?.template.Parameters?.[ParameterKey];
    if (previous === undefined || definition === undefined) {
      throw new AwsError('ValidationError', `Invalid input for parameter key ${ParameterKey}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`);
    }
    const value = previous.givenParameters[ParameterKey] ?? definition.Default;
    return value === undefined ? [] : [[ParameterKey, Array.isArray(value) ? value.join(',') : String(value)]];
  });
  const unknown = values.map(([key]) => key).filter((key) => template.Parameters?.[key] === undefined);
  if (unknown.length > 0) throw new AwsError('ValidationError', `Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const keys = new Set(values.map(([key]) => key));
  const missing = Object.entries(template.Parameters ?? {}).filter(([key, { Default }]) => Default === undefined && !keys.has(key)).map(([key]) => key);
  if (missing.length > 0) throw new AwsError('ValidationError', `Parameters: [${missing.join(', ')}] must have values`);
  return Object.fromEntries(values);
}

/** Parameters that stand in the parameter store are read in the caller's name. */
async function readStored(world: World, template: Template, parameters: Readonly<Record<string, string>>, caller: Principal): Promise<void> {
  const Names = [...new Set(Object.entries(template.Parameters ?? {})
    .filter(([, { Type }]) => Type.startsWith('AWS::SSM::Parameter::Value<'))
    .map(([key, { Default }]) => parameters[key] ?? String(Default)))];
  if (Names.length === 0) return;
  const { InvalidParameters = [] } = await world.call({ service: 'ssm', operation: 'GetParameters', input: { Names }, caller }) as { InvalidParameters?: string[] };
  if (InvalidParameters.length > 0) {
    throw new AwsError('ValidationError', `Unable to fetch parameters [${InvalidParameters.join(',')}] from parameter store for this account.`);
  }
}

function tagsOf(tags: ReadonlyArray<{ Key: string; Value: string }>): Tags {
  const reserved = tags.find(({ Key }) => /^aws:/i.test(Key));
  if (reserved !== undefined) throw new AwsError('ValidationError', `aws: prefixed tag key names are not allowed for external use: ${reserved.Key}`);
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}

/** Work on a template whose faults the API reports as its own. */
export function reportingTemplateErrors<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError || error instanceof TemplateErrors) throw new AwsError('ValidationError', `Template error: ${error.message}`);
    throw error;
  }
}
