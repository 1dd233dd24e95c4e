import type { AuthorizationRequest, Operation, ResourceProvider, Service } from '../../service';
import type { World } from '../../world';
import { keyPermission, kmsOperations } from './api';
import { kmsResources } from './resources';
import { KmsState, type Key } from './state';

/** Keys, aliases and grants. */
export class KmsService implements Service {
  readonly name = 'kms';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  private readonly state: KmsState;

  constructor(world: World) {
    this.state = new KmsState(world);
    this.operations = kmsOperations(this.state);
    this.resources = kmsResources(this.state);
  }

  /** A key by id, ARN, alias name or alias ARN. */
  resolve(reference: string): Key {
    return this.state.resolve(reference);
  }

  /**
   * What a service that encrypts with a customer's key asks of KMS in the caller's name, for its `authorize`; for example
   * `permission('Decrypt', keyArn, 's3', { 'aws:s3:arn': objectArn })`.
   */
  permission(action: string, reference: string, viaService: string, encryptionContext: Readonly<Record<string, string>> = {}): AuthorizationRequest {
    const context = Object.fromEntries(Object.entries(encryptionContext).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]));
    return keyPermission(this.state, action, reference, {
      'kms:ViaService': `${viaService}.${this.state.world.region}.amazonaws.com`, ...context,
    });
  }

  /** A key that waits for its end is not counted: it costs nothing and cannot be used. */
  remaining(): string[] {
    return [...this.state.keys.values()].filter(({ state }) => state !== 'PendingDeletion').map(({ arn }) => arn);
  }
}
