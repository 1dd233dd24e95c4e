import type { PolicySource, RolePolicies } from '../../http/authorization';
import type { PolicyDocument, Service } from '../../service';
import type { World } from '../../world';
import { iamOperations } from './api';
import { iamResources } from './resources';
import { IamState } from './state';

/** Roles, their policies, and whom they trust. A policy counts from the moment it is created. */
export class IamService implements Service, PolicySource {
  readonly name = 'iam';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly state: IamState;

  constructor(world: World) {
    this.state = new IamState(world.account);
    this.operations = iamOperations(world, this.state);
    this.resources = iamResources(this.state);
  }

  rolePolicies(roleArn: string): RolePolicies | undefined {
    return this.state.policiesOf(roleArn);
  }

  /** Who may assume the role; undefined if there is no such role (any more). */
  trustPolicy(roleArn: string): PolicyDocument | undefined {
    return this.state.roleByArn(roleArn)?.trustPolicy;
  }

  /** Whether the role's trust policy names this service, whatever its conditions; for the checks services make when they are given a role. */
  isTrusted(roleArn: string, service: string): boolean {
    const statements = [this.trustPolicy(roleArn)?.Statement ?? []].flat() as Array<{ Effect: string; Principal?: { Service?: string | string[] } }>;
    return statements.some(({ Effect, Principal }) => Effect === 'Allow' && [Principal?.Service ?? []].flat().includes(service));
  }

  remaining(): string[] {
    return [...this.state.roles.values(), ...this.state.managedPolicies.values()].map(({ arn }) => arn);
  }
}
