import { AwsError, type ResourceProvider, type ResourceRequest } from '../../service';
import type { IamState, Role } from './state';

const DEFAULT_SESSION_SECONDS = 3_600;
const MAX_ROLE_NAME = 64;
const MAX_POLICY_NAME = 128;

export function iamResources(state: IamState): Record<string, ResourceProvider> {
  return {
    'AWS::IAM::Role': roleProvider(state),
    'AWS::IAM::Policy': policyProvider(state),
    'AWS::IAM::ManagedPolicy': managedPolicyProvider(state),
  };
}

function roleProvider(state: IamState): ResourceProvider {
  const apply = (role: Role, { properties }: ResourceRequest, previous: Record<string, any> = {}) => { // eslint-disable-line @typescript-eslint/no-explicit-any
    role.trustPolicy = state.trustPolicy(properties.AssumeRolePolicyDocument);
    role.description = properties.Description;
    role.maxSessionSeconds = Number(properties.MaxSessionDuration ?? DEFAULT_SESSION_SECONDS);
    role.tags = properties.Tags ?? [];
    if (properties.PermissionsBoundary !== undefined) state.managedPolicy(properties.PermissionsBoundary);
    role.permissionsBoundary = properties.PermissionsBoundary;

    const names = (properties.Policies ?? []).map(({ PolicyName }: { PolicyName: string }) => PolicyName);
    for (const { PolicyName } of previous.Policies ?? []) if (!names.includes(PolicyName)) role.inlinePolicies.delete(PolicyName);
    for (const { PolicyName, PolicyDocument } of properties.Policies ?? []) state.putInlinePolicy(role, PolicyName, PolicyDocument);
    const attached: string[] = properties.ManagedPolicyArns ?? [];
    for (const arn of previous.ManagedPolicyArns ?? []) if (!attached.includes(arn)) role.attachedPolicies.delete(arn);
    for (const arn of attached) state.attach(role, arn);
    state.changed();
    return { physicalId: role.name, attributes: { Arn: role.arn, RoleId: role.id } };
  };
  return {
    properties: [
      'AssumeRolePolicyDocument', 'Description', 'ManagedPolicyArns', 'MaxSessionDuration', 'Path', 'PermissionsBoundary', 'Policies', 'RoleName', 'Tags',
    ],
    createOnly: ['Path', 'RoleName'],
    attributes: ['Arn', 'RoleId'],
    create: (request) => {
      const { world, properties } = request;
      const name: string = properties.RoleName ?? request.generateName(MAX_ROLE_NAME);
      if (state.roles.has(name)) throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
      const path: string = properties.Path ?? '/';
      const role: Role = {
        name, path, id: `AROA${world.random.text(17)}`, arn: world.arn('iam', `role${path}${name}`, ''), createdAt: world.clock.date(),
        trustPolicy: { Statement: [] }, maxSessionSeconds: DEFAULT_SESSION_SECONDS, tags: [], inlinePolicies: new Map(), attachedPolicies: new Set(),
      };
      const handle = apply(role, request);
      state.roles.set(name, role);
      state.changed();
      return handle;
    },
    update: (request, existing, previous) => apply(state.role(existing.physicalId), request, previous),
    delete: ({ properties }, { physicalId }) => {
      const role = state.role(physicalId);
      // CloudFormation takes off what the role itself declared; policies that others put on it stand in the way.
      const own = new Set((properties.Policies ?? []).map(({ PolicyName }: { PolicyName: string }) => PolicyName));
      const foreign = [...role.inlinePolicies.keys()].filter((name) => !own.has(name));
      if (foreign.length > 0) {
        throw new AwsError('DeleteConflict', `Cannot delete entity, must delete policies first: ${foreign.join(', ')}`, 409);
      }
      state.roles.delete(physicalId);
      state.changed();
    },
  };
}

/** An inline policy put on one or more roles. */
function policyProvider(state: IamState): ResourceProvider {
  const put = ({ properties }: ResourceRequest) => {
    for (const name of properties.Roles ?? []) state.putInlinePolicy(state.role(name), properties.PolicyName, properties.PolicyDocument);
  };
  const takeOff = (roles: string[], policyName: string) => {
    for (const name of roles) state.roles.get(name)?.inlinePolicies.delete(policyName);
    state.changed();
  };
  return {
    properties: ['PolicyDocument', 'PolicyName', 'Roles'],
    createOnly: ['PolicyName'],
    attributes: ['Id'],
    create: (request) => {
      if ((request.properties.Roles ?? []).length === 0) {
        throw new AwsError('ValidationError', 'At least one of [Groups,Roles,Users] must be non-empty.');
      }
      put(request);
      const id = request.generateName(MAX_POLICY_NAME);
      return { physicalId: id, attributes: { Id: id } };
    },
    update: (request, existing, previous) => {
      const roles: string[] = request.properties.Roles ?? [];
      takeOff((previous.Roles ?? []).filter((name: string) => !roles.includes(name)), previous.PolicyName);
      put(request);
      return existing;
    },
    delete: ({ properties }) => takeOff(properties.Roles ?? [], properties.PolicyName),
  };
}

function managedPolicyProvider(state: IamState): ResourceProvider {
  const attachTo = (arn: string, roles: string[], previous: string[]) => {
    for (const name of previous) if (!roles.includes(name)) state.roles.get(name)?.attachedPolicies.delete(arn);
    for (const name of roles) state.attach(state.role(name), arn);
    state.changed();
  };
  return {
    properties: ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'],
    createOnly: ['Description', 'ManagedPolicyName', 'Path'],
    attributes: ['PolicyArn', 'PolicyId'],
    create: (request) => {
      const { world, properties } = request;
      const name: string = properties.ManagedPolicyName ?? request.generateName(MAX_POLICY_NAME);
      const path: string = properties.Path ?? '/';
      const arn = world.arn('iam', `policy${path}${name}`, '');
      if (state.managedPolicies.has(arn)) throw new AwsError('EntityAlreadyExists', `A policy called ${name} already exists. Duplicate names are not allowed.`, 409);
      const id = `ANPA${world.random.text(17)}`;
      state.managedPolicies.set(arn, {
        name, id, arn, path, description: properties.Description, createdAt: world.clock.date(), version: 1,
        document: state.managedDocument(properties.PolicyDocument),
      });
      attachTo(arn, properties.Roles ?? [], []);
      return { physicalId: arn, attributes: { PolicyArn: arn, PolicyId: id } };
    },
    update: ({ properties }, existing, previous) => {
      const policy = state.managedPolicies.get(existing.physicalId)!;
      policy.document = state.managedDocument(properties.PolicyDocument);
      policy.version += 1;
      attachTo(policy.arn, properties.Roles ?? [], previous.Roles ?? []);
      return existing;
    },
    delete: ({ properties }, { physicalId }) => {
      attachTo(physicalId, [], properties.Roles ?? []);
      const users = [...state.roles.values()].filter((role) => role.attachedPolicies.has(physicalId) || role.permissionsBoundary === physicalId);
      if (users.length > 0) {
        throw new AwsError('DeleteConflict', `Cannot delete a policy attached to entities: ${users.map(({ name }) => name).join(', ')}`, 409);
      }
      state.managedPolicies.delete(physicalId);
      state.changed();
    },
  };
}
