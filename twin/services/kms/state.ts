import { AwsError, type PolicyDocument } from '../../service';
import type { World } from '../../world';
import { missingRole } from './principals';

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export interface Grant {
  readonly id: string;
  readonly grantee: string;
  readonly operations: readonly string[];
  readonly constraints?: unknown;
  readonly retiring?: string;
  readonly name?: string;
  readonly createdAt: Date;
}

/** A symmetric key. */
export class Key {
  state: KeyState = 'Enabled';
  deletionDate: Date | undefined;
  rotates = false;
  rotationDays: number | undefined;
  description = '';
  tags: ReadonlyArray<{ readonly TagKey: string; readonly TagValue: string }> = [];
  readonly grants = new Map<string, Grant>();

  constructor(readonly id: string, readonly arn: string, readonly createdAt: Date, public policy: PolicyDocument) {}

  assertUsable(): void {
    if (this.state === 'Disabled') throw new AwsError('DisabledException', `${this.arn} is disabled.`);
    if (this.state === 'PendingDeletion') throw new AwsError('KMSInvalidStateException', `${this.arn} is pending deletion.`);
  }
}

/** The account's keys and aliases. */
export class KmsState {
  readonly keys = new Map<string, Key>();
  /** Alias name, `alias/` included, to key id. */
  readonly aliases = new Map<string, { readonly keyId: string; readonly createdAt: Date }>();

  constructor(readonly world: World) {}

  /** A key by id, ARN, alias name or alias ARN. */
  resolve(reference: string): Key {
    const name = reference.startsWith('arn:') ? reference.split(':').slice(5).join(':').replace(/^key\//, '') : reference;
    const key = this.keys.get(name.startsWith('alias/') ? this.aliases.get(name)?.keyId ?? '' : name);
    if (key === undefined) throw notFound(name.startsWith('alias/') ? `Alias ${this.arn(name)} is not found.` : `Key '${this.arn(`key/${name}`)}' does not exist`);
    return key;
  }

  create(policy: PolicyDocument | undefined): Key {
    const { world } = this;
    const id = world.random.uuid();
    const key = new Key(id, this.arn(`key/${id}`), world.clock.date(), this.checkedPolicy(policy ?? this.defaultPolicy()));
    this.keys.set(id, key);
    return key;
  }

  checkedPolicy(policy: PolicyDocument): PolicyDocument {
    const missing = missingRole(this.world, policy);
    if (missing === undefined) return policy;
    throw new AwsError('MalformedPolicyDocumentException', `Policy contains a statement with one or more invalid principals: ${missing}`);
  }

  /** A key is not deleted but waits, unusable; then it is gone with its aliases. */
  scheduleDeletion(key: Key, days: number): void {
    const { clock } = this.world;
    key.state = 'PendingDeletion';
    key.deletionDate = new Date(clock.now() + days * 24 * 60 * 60 * 1000);
    const due = key.deletionDate;
    clock.at(due.getTime(), `delete ${key.arn}`, () => {
      if (key.state !== 'PendingDeletion' || key.deletionDate !== due) return;
      this.keys.delete(key.id);
      for (const [name, { keyId }] of this.aliases) if (keyId === key.id) this.aliases.delete(name);
    });
  }

  putAlias(name: string, key: Key): void {
    if (name.startsWith('alias/aws/')) throw new AwsError('NotAuthorizedException', `Alias ${name} is reserved for AWS.`);
    if (this.aliases.has(name)) throw new AwsError('AlreadyExistsException', `An alias with the name ${this.arn(name)} already exists`);
    this.aliases.set(name, { keyId: key.id, createdAt: this.world.clock.date() });
  }

  alias(name: string): { readonly keyId: string; readonly createdAt: Date } {
    const found = this.aliases.get(name);
    if (found === undefined) throw notFound(`Alias ${this.arn(name)} is not found.`);
    return found;
  }

  arn(resource: string): string {
    return this.world.arn('kms', resource);
  }

  private defaultPolicy(): PolicyDocument {
    return {
      Version: '2012-10-17',
      Statement: [{
        Sid: 'Enable IAM User Permissions', Effect: 'Allow', Action: 'kms:*', Resource: '*',
        Principal: { AWS: `arn:${this.world.partition}:iam::${this.world.account}:root` },
      }],
    };
  }
}

function notFound(message: string): AwsError {
  return new AwsError('NotFoundException', message);
}
