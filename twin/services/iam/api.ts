import { AwsError, type Operation } from '../../service';
import type { World } from '../../world';
import type { IamState, Role } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

export function iamOperations(world: World, state: IamState): Record<string, Operation> {
  const onRole = (action: string, run: (role: Role, input: any) => any): Operation => ({
    authorize: ({ RoleName }) => [{ action: `iam:${action}`, resource: state.roles.get(RoleName)?.arn ?? world.arn('iam', `role/${RoleName}`, '') }],
    run: (input) => run(state.role(input.RoleName), input),
  });
  return {
    GetRole: onRole('GetRole', (role) => ({ Role: description(role) })),
    ListRoles: {
      authorize: () => [{ action: 'iam:ListRoles', resource: world.arn('iam', 'role/*', '') }],
      run: ({ PathPrefix = '/' }) => ({ Roles: [...state.roles.values()].filter(({ path }) => path.startsWith(PathPrefix)).map(description), IsTruncated: false }),
    },
    ListRolePolicies: onRole('ListRolePolicies', (role) => ({ PolicyNames: [...role.inlinePolicies.keys()], IsTruncated: false })),
    GetRolePolicy: onRole('GetRolePolicy', (role, { PolicyName }) => {
      const document = role.inlinePolicies.get(PolicyName);
      if (document === undefined) throw new AwsError('NoSuchEntity', `The role policy with name ${PolicyName} cannot be found.`, 404);
      return { RoleName: role.name, PolicyName, PolicyDocument: encoded(document) };
    }),
    ListAttachedRolePolicies: onRole('ListAttachedRolePolicies', (role) => ({
      AttachedPolicies: [...role.attachedPolicies].map((arn) => ({ PolicyName: state.managedPolicy(arn).name, PolicyArn: arn })), IsTruncated: false,
    })),
    ListRoleTags: onRole('ListRoleTags', ({ tags }) => ({ Tags: tags, IsTruncated: false })),
  };
}

function description(role: Role): Record<string, any> {
  return {
    Path: role.path, RoleName: role.name, RoleId: role.id, Arn: role.arn, CreateDate: role.createdAt,
    AssumeRolePolicyDocument: encoded(role.trustPolicy), Description: role.description, MaxSessionDuration: role.maxSessionSeconds,
    PermissionsBoundary: role.permissionsBoundary && { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: role.permissionsBoundary },
    Tags: role.tags,
  };
}

/** IAM gives policies as URL-encoded JSON. */
function encoded(document: unknown): string {
  return encodeURIComponent(JSON.stringify(document));
}
