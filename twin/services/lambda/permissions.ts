import { AwsError } from '../../service';
import type { World } from '../../world';
import { functionArn, type FunctionReference } from './names';
import type { PolicyStatement } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of templates */

export interface Permission {
  readonly StatementId: string;
  readonly Action: string;
  readonly Principal: string;
  readonly SourceArn?: string;
  readonly SourceAccount?: string;
  readonly EventSourceToken?: string;
  readonly PrincipalOrgID?: string;
}

/** The statement AddPermission adds to a function's resource policy. */
export function permissionStatement(world: World, reference: FunctionReference, sid: string, permission: Record<string, any>): PolicyStatement {
  const { Action, Principal, SourceArn, SourceAccount, PrincipalOrgID } = permission as Permission;
  for (const name of ['EventSourceToken', 'FunctionUrlAuthType']) {
    if (permission[name] !== undefined) throw new AwsError('InvalidParameterValueException', `the twin does not implement ${name} of a function's permission`);
  }
  const StringEquals = {
    ...(SourceAccount !== undefined && { 'AWS:SourceAccount': SourceAccount }),
    ...(PrincipalOrgID !== undefined && { 'aws:PrincipalOrgID': PrincipalOrgID }),
  };
  const Condition = {
    ...(Object.keys(StringEquals).length > 0 && { StringEquals }),
    ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
  };
  return {
    Sid: sid,
    Effect: 'Allow',
    Principal: principalOf(world, Principal),
    Action,
    Resource: functionArn(world, reference),
    ...(Object.keys(Condition).length > 0 && { Condition }),
  };
}

function principalOf(world: World, principal: string): unknown {
  if (principal === '*') return '*';
  if (/\.amazonaws\.com(\.cn)?$/.test(principal)) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? world.arn('iam', 'root', '', principal) : principal };
}
