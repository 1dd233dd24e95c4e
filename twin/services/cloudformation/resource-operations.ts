import { AwsError, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import { physicalName, withTags, type FindProvider, type Plan, type ResourceDefinition } from '../../template';
import type { Random } from '../../random';
import type { World } from '../../world';
import { PartlyMade, type ResourceFailure } from './errors';
import type { StackScope } from './scope';
import type { ResourceStatus, Stack, StackResource, StackStatus } from './state';

/** Virtual time that CloudFormation takes for each resource; long enough for a schedule or an event to fall between two. */
const RESOURCE_MILLISECONDS = 1_000;
/** Providers answer a delete of what is no longer there with such a code, which counts as success. */
const GONE = /NotFound|NoSuch|DoesNotExist/;

/** Thrown when an operation on one resource failed and the stack has to decide what becomes of the rest. */
export class ResourceFailed extends Error {
  constructor(readonly failure: ResourceFailure, cause: unknown) {
    super(failure.reason, { cause });
  }
}

/** What create, update and delete of a stack do to a single resource: call its provider, keep its status, write the events. */
export class ResourceOperations {
  readonly random: Random;

  constructor(private readonly world: World, private readonly findProvider: FindProvider) {
    this.random = world.random;
  }

  provider(type: string): ResourceProvider {
    const provider = this.findProvider(type);
    if (provider === undefined) throw new Error(`${type} is not implemented by the twin`);
    return provider;
  }

  /** A resource of the plan with its properties resolved against what has been made so far; nothing is made yet. */
  prepare(stack: Stack, plan: Plan, scope: StackScope, logicalId: string): StackResource {
    const definition = plan.resources.get(logicalId)!;
    try {
      return {
        logicalId, definition, type: definition.Type, needs: plan.graph.get(logicalId)!,
        properties: this.resolveProperties(stack, scope, logicalId, definition),
        status: 'CREATE_IN_PROGRESS', changedAt: this.world.clock.date(),
      };
    } catch (error) {
      throw new ResourceFailed({ logicalId, type: definition.Type, reason: messageOf(error) }, error);
    }
  }

  /** Makes `resource` and puts it into the stack under its logical id. */
  async create(stack: Stack, resource: StackResource): Promise<void> {
    stack.resources.set(resource.logicalId, resource);
    this.mark(stack, resource, 'CREATE_IN_PROGRESS');
    await this.attempt(stack, resource, 'CREATE_FAILED', async () => {
      try {
        resource.handle = await this.provider(resource.type).create(this.request(stack, resource));
      } catch (error) {
        if (error instanceof PartlyMade) resource.handle = error.handle;
        throw error;
      }
    });
    this.mark(stack, resource, 'CREATE_COMPLETE');
  }

  /** Changes what `before` made into what `after` asks for, in place. */
  async update(stack: Stack, before: StackResource, after: StackResource): Promise<void> {
    after.handle = before.handle;
    stack.resources.set(after.logicalId, after);
    this.mark(stack, after, 'UPDATE_IN_PROGRESS');
    await this.attempt(stack, after, 'UPDATE_FAILED', async () => {
      after.handle = await this.provider(after.type).update(this.request(stack, after), before.handle!, before.properties);
    });
    this.mark(stack, after, 'UPDATE_COMPLETE');
  }

  async delete(stack: Stack, resource: StackResource): Promise<void> {
    if (resource.handle === undefined) return;
    const handle: ResourceHandle = resource.handle;
    this.mark(stack, resource, 'DELETE_IN_PROGRESS');
    await this.attempt(stack, resource, 'DELETE_FAILED', async () => {
      try {
        await this.provider(resource.type).delete(this.request(stack, resource), handle);
      } catch (error) {
        if (!(error instanceof AwsError && GONE.test(error.code))) throw error;
      }
    });
    this.mark(stack, resource, 'DELETE_COMPLETE');
  }

  /** Leaves the thing in the account and forgets it. */
  skip(stack: Stack, resource: StackResource): void {
    this.mark(stack, resource, 'DELETE_SKIPPED');
  }

  markStack(stack: Stack, status: StackStatus, reason?: string): void {
    stack.status = status;
    stack.statusReason = reason;
    const time = this.world.clock.date();
    stack.events.push({
      eventId: this.world.random.uuid(), logicalId: stack.stackName, physicalId: stack.stackId, type: 'AWS::CloudFormation::Stack', status, reason, time,
      requestToken: stack.requestToken,
    });
  }

  private mark(stack: Stack, resource: StackResource, status: ResourceStatus, reason?: string): void {
    Object.assign(resource, { status, reason, changedAt: this.world.clock.date() });
    stack.events.push({
      eventId: `${resource.logicalId}-${status}-${this.world.random.uuid()}`, logicalId: resource.logicalId, physicalId: resource.handle?.physicalId,
      type: resource.type, status, reason, time: resource.changedAt, requestToken: stack.requestToken,
    });
  }

  private async attempt(stack: Stack, resource: StackResource, failed: ResourceStatus, work: () => Promise<void>): Promise<void> {
    await this.world.clock.sleep(RESOURCE_MILLISECONDS, `${stack.stackName}/${resource.logicalId}`);
    try {
      await work();
    } catch (error) {
      const reason = messageOf(error);
      this.mark(stack, resource, failed, reason);
      throw new ResourceFailed({ logicalId: resource.logicalId, type: resource.type, reason }, error);
    }
  }

  private resolveProperties(stack: Stack, scope: StackScope, logicalId: string, definition: ResourceDefinition): StackResource['properties'] {
    const properties = scope.resolve(definition.Properties ?? {}, `Resources.${logicalId}.Properties`);
    if (!this.provider(definition.Type).properties.includes('Tags')) return properties;
    return withTags(definition.Type, properties, stack.tags, {
      'aws:cloudformation:stack-name': stack.stackName,
      'aws:cloudformation:stack-id': stack.stackId,
      'aws:cloudformation:logical-id': logicalId,
    });
  }

  private request(stack: Stack, { type, logicalId, properties }: StackResource): ResourceRequest {
    const { world } = this;
    return {
      world, type, logicalId, stackName: stack.stackName, stackId: stack.stackId,
      // A copy: a provider that keeps or changes what it was given must not change what the next update compares with.
      properties: structuredClone(properties),
      generateName: (max, lowerCase) => physicalName(stack.stackName, logicalId, world.random, max, lowerCase),
    };
  }
}

export function messageOf(error: unknown): string {
  if (error instanceof AwsError) return `${error.message} (Service error code: ${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
