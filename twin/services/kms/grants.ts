import { AwsError, type Operation, type PolicyDocument } from '../../service';
import { keyPermission } from './api';
import type { Grant, Key, KmsState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs are shaped by the model */

interface Constraints {
  readonly EncryptionContextEquals?: Readonly<Record<string, string>>;
  readonly EncryptionContextSubset?: Readonly<Record<string, string>>;
}

/** The key's policy and, as statements of it, its grants: a grant allows its grantee what it names. */
export function effectivePolicy(key: Key): PolicyDocument {
  if (key.grants.size === 0) return key.policy;
  return { ...key.policy, Statement: [...[key.policy.Statement].flat(), ...[...key.grants.values()].map(statementOf)] };
}

function statementOf(grant: Grant): Record<string, unknown> {
  const { EncryptionContextEquals, EncryptionContextSubset } = (grant.constraints ?? {}) as Constraints;
  const context = Object.entries({ ...EncryptionContextSubset, ...EncryptionContextEquals });
  const isService = grant.grantee.endsWith('.amazonaws.com');
  return {
    Effect: 'Allow', Principal: isService ? { Service: grant.grantee } : { AWS: grant.grantee }, Resource: '*',
    Action: grant.operations.map((operation) => `kms:${operation}`),
    ...(context.length > 0 && { Condition: { StringEquals: Object.fromEntries(context.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])) } }),
  };
}

export function grantOperations(state: KmsState): Record<string, Operation> {
  return {
    CreateGrant: {
      authorize: (input) => [keyPermission(state, 'CreateGrant', input.KeyId, {
        'kms:GranteePrincipal': input.GranteePrincipal,
        // Only AWS services create grants for their own resources; a call over the API is not one of them.
        'kms:GrantIsForAWSResource': 'false',
      })],
      run(input) {
        const key = state.resolve(input.KeyId);
        key.assertUsable();
        const grant: Grant = {
          id: state.world.random.text(64, '0123456789abcdef'), grantee: input.GranteePrincipal, operations: input.Operations,
          constraints: input.Constraints, retiring: input.RetiringPrincipal, name: input.Name, createdAt: state.world.clock.date(),
        };
        key.grants.set(grant.id, grant);
        return { GrantId: grant.id, GrantToken: `token-${grant.id}` };
      },
    },
    ListGrants: {
      authorize: (input) => [keyPermission(state, 'ListGrants', input.KeyId)],
      run(input) {
        const key = state.resolve(input.KeyId);
        const shown = [...key.grants.values()].filter((grant) => (input.GrantId ?? grant.id) === grant.id
          && (input.GranteePrincipal ?? grant.grantee) === grant.grantee);
        return {
          Truncated: false,
          Grants: shown.map(({ id, grantee, operations, constraints, retiring, name, createdAt }) => ({
            KeyId: key.arn, GrantId: id, GranteePrincipal: grantee, Operations: operations, Constraints: constraints, RetiringPrincipal: retiring,
            Name: name, CreationDate: createdAt,
          })),
        };
      },
    },
    RevokeGrant: {
      authorize: (input) => [keyPermission(state, 'RevokeGrant', input.KeyId)],
      run: (input) => remove(state.resolve(input.KeyId), input.GrantId),
    },
    RetireGrant: {
      authorize: (input) => [keyPermission(state, 'RetireGrant', holder(state, input).arn)],
      run: (input) => remove(holder(state, input), input.GrantId ?? tokenGrant(input)),
    },
  };
}

function holder(state: KmsState, input: any): Key {
  if (input.KeyId !== undefined) return state.resolve(input.KeyId);
  const key = [...state.keys.values()].find(({ grants }) => grants.has(tokenGrant(input)));
  if (key === undefined) throw new AwsError('InvalidGrantTokenException', 'The grant token is invalid.');
  return key;
}

function tokenGrant(input: any): string {
  return String(input.GrantToken ?? '').replace(/^token-/, '');
}

function remove(key: Key, id: string): Record<string, never> {
  if (!key.grants.delete(id)) throw new AwsError('NotFoundException', `Grant ID ${id} not found`);
  return {};
}
