import { principalArn, roleName } from '../../http/authorization';
import { AwsError, type Operation, type PolicyDocument, type Principal, type ResourceProvider, type Service } from '../../service';
import type { World } from '../../world';
import type { IamService } from '../iam';

/** Who one is, and becoming a role. */
export class StsService implements Service {
  readonly name = 'sts';
  readonly resources: Readonly<Record<string, ResourceProvider>> = {};
  readonly operations: Readonly<Record<string, Operation>> = {
    GetCallerIdentity: {
      // No permission is needed, and none can be denied.
      authorize: () => [],
      run: (_input, { caller }) => ({ Account: this.world.account, Arn: this.arnOf(caller), UserId: this.userIdOf(caller) }),
    },
    AssumeRole: {
      authorize: (input) => [{
        action: 'sts:AssumeRole', resource: input.RoleArn, resourcePolicy: this.trustPolicy(input.RoleArn),
        context: {
          'sts:RoleSessionName': input.RoleSessionName,
          ...(input.ExternalId !== undefined && { 'sts:ExternalId': input.ExternalId }),
        },
      }],
      run: (input) => this.assumeRole(input),
    },
  };

  constructor(private readonly world: World) {}

  remaining(): string[] {
    return [];
  }

  private assumeRole(input: Record<string, any>): Record<string, unknown> { // eslint-disable-line @typescript-eslint/no-explicit-any
    const unsupported = ['Policy', 'PolicyArns', 'Tags', 'SerialNumber'].find((name) => input[name] !== undefined);
    if (unsupported !== undefined) throw new AwsError('NotImplemented', `the twin's STS does not implement ${unsupported} in AssumeRole`, 501);
    const principal: Principal = { kind: 'role', roleArn: input['RoleArn'], sessionName: input['RoleSessionName'] };
    const { accessKeyId, secretAccessKey, sessionToken } = this.world.credentialsFor(principal);
    return {
      Credentials: {
        AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken,
        Expiration: new Date(this.world.clock.now() + (input['DurationSeconds'] ?? 3600) * 1000),
      },
      AssumedRoleUser: { Arn: this.arnOf(principal), AssumedRoleId: this.userIdOf(principal) },
    };
  }

  /** A role that does not exist refuses like one that trusts nobody. */
  private trustPolicy(roleArn: string): PolicyDocument {
    return this.world.service<IamService>('iam').trustPolicy(roleArn) ?? { Version: '2012-10-17', Statement: [] };
  }

  private arnOf(principal: Principal): string {
    return principalArn(principal, this.world.account, this.world.partition);
  }

  private userIdOf(principal: Principal): string {
    return principal.kind === 'role' ? `AROA${roleName(principal.roleArn).toUpperCase()}:${principal.sessionName}` : 'AIDAADMINISTRATOR';
  }
}
