import type { ResourceHandle } from '../../service';
import type { ParameterValue, ResourceDefinition, Tags, Template } from '../../template';
import type { ChangeSet } from './change-set';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties of any type */

export type StackStatus =
  | 'REVIEW_IN_PROGRESS'
  | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'CREATE_FAILED'
  | 'ROLLBACK_IN_PROGRESS' | 'ROLLBACK_COMPLETE' | 'ROLLBACK_FAILED'
  | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' | 'UPDATE_ROLLBACK_COMPLETE' | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_FAILED';

export type ResourceStatus =
  | 'CREATE_IN_PROGRESS' | 'CREATE_COMPLETE' | 'CREATE_FAILED'
  | 'UPDATE_IN_PROGRESS' | 'UPDATE_COMPLETE' | 'UPDATE_FAILED'
  | 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_FAILED' | 'DELETE_SKIPPED';

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly definition: ResourceDefinition;
  /** Logical ids that must exist as long as this one does. */
  readonly needs: ReadonlySet<string>;
  /** Resolved, tags merged. */
  readonly properties: Record<string, any>;
  /** Undefined while nothing was made yet. */
  handle?: ResourceHandle;
  status: ResourceStatus;
  reason?: string;
  changedAt: Date;
}

export interface StackEvent {
  readonly eventId: string;
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly time: Date;
  readonly requestToken?: string;
}

export interface StackOutput {
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface Stack {
  readonly stackId: string;
  readonly stackName: string;
  readonly createdAt: Date;
  updatedAt?: Date;
  deletedAt?: Date;
  status: StackStatus;
  statusReason?: string;
  template: Template;
  /** The template's text as it was submitted; undefined for one that was read from an assembly. */
  templateBody?: string;
  /** The service role of the stack's operations, if one was given. */
  roleArn?: string;
  capabilities?: readonly string[];
  isProtected?: boolean;
  /** Of the operation that was begun last. */
  requestToken?: string;
  /** As given by the caller, before defaults. */
  givenParameters: Readonly<Record<string, string>>;
  parameters: Readonly<Record<string, ParameterValue>>;
  tags: Tags;
  readonly resources: Map<string, StackResource>;
  outputs: ReadonlyMap<string, StackOutput>;
  /** Names of other stacks' exports that this one uses. */
  imports: ReadonlySet<string>;
  readonly events: StackEvent[];
  readonly changeSets: Map<string, ChangeSet>;
}

/** The stacks of the account, those deleted included: they can still be described by id. */
export class Stacks {
  private readonly byId = new Map<string, Stack>();

  add(stack: Stack): void {
    this.byId.set(stack.stackId, stack);
  }

  all(): Stack[] {
    return [...this.byId.values()];
  }

  living(): Stack[] {
    return this.all().filter((stack) => stack.status !== 'DELETE_COMPLETE');
  }

  /** By id, or by name among those that are not deleted. */
  find(nameOrId: string): Stack | undefined {
    return this.byId.get(nameOrId) ?? this.living().find((stack) => stack.stackName === nameOrId);
  }

  exported(name: string): { stack: Stack; value: string } | undefined {
    for (const stack of this.living()) {
      for (const output of stack.outputs.values()) if (output.exportName === name) return { stack, value: output.value };
    }
    return undefined;
  }

  importersOf(name: string): Stack[] {
    return this.living().filter((stack) => stack.imports.has(name));
  }
}
