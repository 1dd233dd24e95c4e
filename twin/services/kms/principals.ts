import type { PolicyDocument } from '../../service';
import type { World } from '../../world';
import type { IamService } from '../iam';

interface Statement {
  readonly Principal?: string | { readonly AWS?: string | readonly string[] };
}

/** The AWS principals a statement of a resource's policy names. */
export function principalsOf(statement: unknown): string[] {
  const { Principal } = statement as Statement;
  return typeof Principal === 'string' ? [Principal] : [Principal?.AWS ?? []].flat();
}

/** A role of this account that a policy names and that does not exist: KMS and S3 refuse such a policy. */
export function missingRole(world: World, policy: PolicyDocument): string | undefined {
  const own = `arn:${world.partition}:iam::${world.account}:role/`;
  return [policy.Statement].flat().flatMap(principalsOf)
    .find((principal) => principal.startsWith(own) && world.service<IamService>('iam').rolePolicies(principal) === undefined);
}
