import { AwsError } from '../../../service';
import { World } from '../../../world';
import { arnOf, nameOf, validation } from '../names';

/* eslint-disable @typescript-eslint/no-explicit-any -- parts of a package that the registry only keeps */

export interface PackageGroup {
  readonly name: string;
  readonly arn: string;
  readonly description?: string;
  readonly createdAt: Date;
  readonly createdBy: Record<string, any>;
  policy?: string;
  /** The next version's number; numbers of deleted versions do not come back. */
  nextVersion: number;
}

export type PackageStatus = 'Pending' | 'InProgress' | 'Completed' | 'Failed' | 'Deleting';

export interface ModelPackage {
  readonly name: string;
  readonly arn: string;
  readonly group?: PackageGroup;
  readonly version?: number;
  readonly createdAt: Date;
  readonly createdBy: Record<string, any>;
  modifiedAt?: Date;
  modifiedBy?: Record<string, any>;
  status: PackageStatus;
  failureReason?: string;
  approval?: 'Approved' | 'Rejected' | 'PendingManualApproval';
  /** What the creator gave and updates changed, in the API's shape. */
  description: Record<string, any>;
}

/** Model package groups and model packages. */
export class RegistryState {
  readonly groups = new Map<string, PackageGroup>();
  readonly packages = new Map<string, ModelPackage>();
  /** Packages by the token of the request that made them. */
  readonly byToken = new Map<string, ModelPackage>();

  constructor(private readonly world: World) {}

  group(nameOrArn: string): PackageGroup {
    const name = nameOf(nameOrArn);
    const group = [...this.groups.values()].find((candidate) => candidate.name === name || candidate.name.toLowerCase() === name);
    if (!group) throw validation(`ModelPackageGroup ${arnOf(this.world, 'model-package-group', name)} does not exist.`);
    return group;
  }

  package(nameOrArn: string): ModelPackage {
    const arn = nameOrArn.startsWith('arn:') ? nameOrArn : arnOf(this.world, 'model-package', nameOrArn);
    const found = this.packages.get(arn);
    if (!found) throw validation(`ModelPackage ${arn} does not exist.`);
    return found;
  }

  addGroup(group: Pick<PackageGroup, 'name' | 'description' | 'createdBy'>): PackageGroup {
    const arn = arnOf(this.world, 'model-package-group', group.name);
    if ([...this.groups.values()].some((existing) => existing.arn === arn)) {
      throw validation(`Model Package Group already exists: ${arn}`);
    }
    const added: PackageGroup = { ...group, arn, createdAt: this.world.clock.date(), nextVersion: 1 };
    this.groups.set(group.name, added);
    return added;
  }

  deleteGroup(group: PackageGroup): void {
    if ([...this.packages.values()].some((candidate) => candidate.group === group)) {
      throw new AwsError('ConflictException', `Cannot delete Model Package Group: ${group.arn} since it still contains Model Packages.`);
    }
    this.groups.delete(group.name);
  }
}
