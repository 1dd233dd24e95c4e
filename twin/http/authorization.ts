import type { AuthorizationRequest, PolicyDocument, Principal } from '../service';

export interface Decision {
  readonly allowed: boolean;
  /** Why not, in AWS's words, for example `because no identity-based policy allows the s3:GetObject action`. */
  readonly reason?: string;
}

/** Decides whether a principal has one permission. */
export interface Authorizer {
  decide(principal: Principal, request: AuthorizationRequest, time: number): Decision | Promise<Decision>;
}

export interface NamedPolicy {
  readonly name: string;
  readonly policy: PolicyDocument;
}

/** What the account's roles may do. `version` changes whenever anything of the role's policies does. */
export interface RolePolicies {
  readonly version: number | string;
  readonly identityPolicies: readonly NamedPolicy[];
  readonly permissionsBoundary?: NamedPolicy;
}

export interface PolicySource {
  /** Undefined if there is no such role (any more). */
  rolePolicies(roleArn: string): RolePolicies | undefined;
}

/** For a twin started with `authorization: 'off'`. */
export const ALLOW_ALL: Authorizer = { decide: () => ({ allowed: true }) };

/** The caller as AWS names it in messages and in policies. */
export function principalArn(principal: Principal, account: string, partition: string): string {
  switch (principal.kind) {
    case 'role': {
      const parts = principal.roleArn.split(':');
      return `arn:${parts[1]}:sts::${parts[4]}:assumed-role/${roleName(principal.roleArn)}/${principal.sessionName}`;
    }
    case 'service': return principal.service;
    case 'administrator': return `arn:${partition}:iam::${account}:user/administrator`;
  }
}

/** A role's name is the last part of its ARN: a path may come before it. */
export function roleName(roleArn: string): string {
  return roleArn.slice(roleArn.lastIndexOf('/') + 1);
}

export function denialMessage(principal: Principal, request: AuthorizationRequest, reason: string | undefined, account: string, partition: string): string {
  const on = request.resource === '*' ? '' : ` on resource: ${request.resource}`;
  return `User: ${principalArn(principal, account, partition)} is not authorized to perform: ${request.action}${on}${reason === undefined ? '' : ` ${reason}`}`;
}
