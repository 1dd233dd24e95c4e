import type { Operation, ResourceProvider, Service } from '../../service';
import type { World } from '../../world';
import { bucketOperations } from './api/buckets';
import { copyOperations } from './api/copies';
import { deleteOperations } from './api/deletes';
import { listOperations } from './api/lists';
import { multipartOperations } from './api/multipart';
import { objectTagOperations } from './api/object-tags';
import { objectOperations } from './api/objects';
import { settingOperations } from './api/settings';
import { Lifecycle } from './lifecycle';
import { s3Resources } from './resources';
import { S3State } from './state';

/** Buckets and versioned objects. */
export class S3Service implements Service {
  readonly name = 's3';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  private readonly state: S3State;
  private readonly lifecycle: Lifecycle;

  constructor(world: World) {
    this.state = new S3State(world);
    this.operations = {
      ...bucketOperations(this.state), ...settingOperations(this.state), ...objectOperations(this.state), ...copyOperations(this.state),
      ...deleteOperations(this.state), ...listOperations(this.state), ...multipartOperations(this.state), ...objectTagOperations(this.state),
    };
    this.resources = s3Resources(this.state);
    this.lifecycle = new Lifecycle(this.state);
    this.lifecycle.start();
  }

  remaining(): string[] {
    return [...this.state.buckets.values()].map(({ arn }) => arn);
  }

  stop(): void {
    this.lifecycle.stop();
  }
}
