import { Principal } from '../../../service';
import { World } from '../../../world';

/** The `UserContext` of whoever called. */
export function createdBy(world: World, caller: Principal): Record<string, unknown> {
  if (caller.kind !== 'role') return { IamIdentity: { Arn: world.arn('iam', 'root', ''), PrincipalId: world.account } };
  const role = caller.roleArn.slice(caller.roleArn.lastIndexOf('/') + 1);
  return { IamIdentity: { Arn: world.arn('sts', `assumed-role/${role}/${caller.sessionName}`, ''), PrincipalId: `AROA:${caller.sessionName}` } };
}
