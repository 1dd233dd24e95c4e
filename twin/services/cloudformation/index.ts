import { isDeepStrictEqual } from 'util';
import type { ResourceProvider, Service } from '../../service';
import {
  parameterValues, planOf, TemplateErrors, type FindProvider, type Plan, type Tags, type Template,
} from '../../template';
import type { World } from '../../world';
import type { SsmService } from '../ssm';
import { cloudFormationOperations } from './api';
import { changeSetOperations } from './change-sets-api';
import { changesOf, type ResourceChange } from './changes';
import { createStack } from './create-stack';
import { CustomResources } from './custom-resource';
import { deleteStack } from './delete-stack';
import { StackOperationError } from './errors';
import { ResourceOperations } from './resource-operations';
import { cloudFormationResources, CUSTOM_RESOURCE } from './resources';
import { pseudoParameters, StackScope } from './scope';
import { stackOperations } from './stacks-api';
import { Stacks, type Stack, type StackOutput } from './state';
import { templateOperations } from './templates-api';
import { updateStack } from './update-stack';

export { RESPONSE_PATH } from './custom-resource';
export { StackOperationError } from './errors';
export type { Stack } from './state';

export interface StackInput {
  readonly stackName: string;
  readonly template: Template;
  /** The template's text as it was submitted. */
  readonly templateBody?: string;
  readonly tags: Tags;
  readonly parameters: Readonly<Record<string, string>>;
  readonly roleArn?: string;
  readonly capabilities?: readonly string[];
}

/** A creation, update or deletion whose input was found to be in order. */
export interface StackOperation {
  readonly stack: Stack;
  /** Does it, in virtual time. Throws a StackOperationError if it does not succeed. */
  run(): Promise<void>;
}

/** Stacks and what happens to them. `deploy` and `destroy` take virtual time: somebody else has to advance the clock. */
export class CloudFormationService implements Service {
  readonly name = 'cloudformation';
  readonly stacks = new Stacks();
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly custom: CustomResources;
  private readonly resourceOperations: ResourceOperations;
  private services: readonly Service[] = [this];

  constructor(private readonly world: World) {
    this.custom = new CustomResources(world);
    this.operations = {
      ...cloudFormationOperations(world, this.stacks), ...templateOperations(world, this), ...stackOperations(world, this), ...changeSetOperations(world, this),
    };
    this.resources = cloudFormationResources(this.custom);
    this.resourceOperations = new ResourceOperations(world, this.findProvider);
  }

  /** The services whose resources a template may hold. */
  connect(services: readonly Service[]): void {
    this.services = services;
  }

  /** Creates the stack, or updates it to the template; what is already so stays untouched. */
  async deploy(input: StackInput): Promise<Stack> {
    let existing = this.stacks.find(input.stackName);
    // A stack whose creation was rolled back can only be deleted, which `cdk deploy` does by itself.
    if (existing?.status === 'ROLLBACK_COMPLETE') {
      await this.destroy(input.stackName);
      existing = undefined;
    }
    const operation = existing === undefined || existing.status === 'REVIEW_IN_PROGRESS' ? this.beginCreate(input, existing) : this.beginUpdate(existing, input);
    await operation?.run();
    return operation?.stack ?? existing!;
  }

  async destroy(stackName: string): Promise<void> {
    const stack = this.stacks.find(stackName);
    if (stack !== undefined) await this.beginDelete(stack).run();
  }

  /** A stack of which nothing but the name is there yet. */
  review(stackName: string): Stack {
    const { world } = this;
    const stack: Stack = {
      stackId: world.arn('cloudformation', `stack/${stackName}/${world.random.uuid()}`), stackName, createdAt: world.clock.date(),
      status: 'REVIEW_IN_PROGRESS', template: { Resources: {} }, givenParameters: {}, parameters: {}, tags: {},
      resources: new Map(), outputs: new Map(), imports: new Set(), events: [], changeSets: new Map(),
    };
    return stack;
  }

  /** Creates a stack; `reviewed` is one that waits for it. */
  beginCreate(input: StackInput, reviewed?: Stack): StackOperation {
    const stack = reviewed ?? this.review(input.stackName);
    const plan = this.plan(stack, input);
    const { template, templateBody, tags, roleArn, capabilities } = input;
    return {
      stack,
      run: async () => {
        Object.assign(stack, { template, templateBody, tags, roleArn, capabilities, givenParameters: input.parameters, parameters: plan.parameters });
        this.stacks.add(stack);
        await createStack(this.resourceOperations, stack, plan, new StackScope(this.world, stack, plan, this.stacks));
      },
    };
  }

  /** Undefined if the stack is as the input wants it. */
  beginUpdate(stack: Stack, input: StackInput): StackOperation | undefined {
    if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) {
      throw new StackOperationError(stack.stackName, stack.status, [{
        logicalId: stack.stackName, type: 'AWS::CloudFormation::Stack', reason: 'can not be updated in this state; destroy it first',
      }]);
    }
    const before = { template: stack.template, parameters: stack.parameters, tags: stack.tags };
    const plan = this.plan(stack, input);
    const wanted = { template: input.template, parameters: plan.parameters, tags: input.tags };
    if (isDeepStrictEqual(before, wanted)) return undefined;
    const { templateBody, roleArn, capabilities, parameters: givenParameters } = input;
    const settings = { templateBody: stack.templateBody, roleArn: stack.roleArn, capabilities: stack.capabilities, givenParameters: stack.givenParameters };
    return {
      stack,
      run: async () => {
        Object.assign(stack, wanted, { templateBody, roleArn, capabilities, givenParameters });
        stack.updatedAt = this.world.clock.date();
        try {
          const scope = new StackScope(this.world, stack, plan, this.stacks);
          await updateStack(this.resourceOperations, stack, plan, scope, (outputs) => this.checkExports(stack, outputs));
        } catch (error) {
          Object.assign(stack, before, settings);
          throw error;
        }
      },
    };
  }

  beginDelete(stack: Stack): StackOperation {
    this.checkExports(stack, new Map());
    return { stack, run: () => deleteStack(this.resourceOperations, stack, () => this.world.clock.date()) };
  }

  /** What `beginCreate` or `beginUpdate` would do to each resource. */
  changes(stack: Stack, input: StackInput): ResourceChange[] {
    return changesOf(this.world, this.resourceOperations, { ...stack, tags: input.tags }, this.plan(stack, input), this.stacks);
  }

  /** Writes an event of the stack itself. */
  markStack(stack: Stack, status: Stack['status'], reason?: string): void {
    this.resourceOperations.markStack(stack, status, reason);
  }

  /** The answer of a custom resource's function; false if nobody waits for it. */
  respond(token: string, body: string): boolean {
    return this.custom.respond(token, body);
  }

  remaining(): string[] {
    return this.stacks.living().map(({ stackId }) => stackId);
  }

  private plan(stack: Stack, { template, parameters }: StackInput): Plan {
    const { world } = this;
    const changed = [...stack.resources.values()].filter(({ logicalId, type }) => (template.Resources[logicalId]?.Type ?? type) !== type);
    if (changed.length > 0) {
      throw new TemplateErrors(stack.stackName, changed.map(({ logicalId, type }) =>
        `Resources.${logicalId}.Type: update of resource type is not permitted; it was ${type}, give the new resource another id`));
    }
    const stored = (name: string) => world.service<SsmService>('ssm').valueOf(name);
    return planOf({
      stackName: stack.stackName, template, parameters: parameterValues(template, parameters, stored),
      pseudo: pseudoParameters(world, stack), findProvider: this.findProvider, random: world.random,
    });
  }

  /** An export that another stack uses can neither go nor change. */
  private checkExports(stack: Stack, outputs: ReadonlyMap<string, StackOutput>): void {
    const next = new Map([...outputs.values()].map(({ exportName, value }) => [exportName, value]));
    for (const { exportName, value } of stack.outputs.values()) {
      if (exportName === undefined || next.get(exportName) === value) continue;
      const users = this.stacks.importersOf(exportName).map(({ stackName }) => stackName);
      if (users.length > 0) {
        throw new Error(`export ${exportName} of stack ${stack.stackName} cannot be ${next.has(exportName) ? 'updated' : 'deleted'} `
          + `as it is in use by ${users.join(', ')}`);
      }
    }
  }

  private readonly findProvider: FindProvider = (type) => {
    const name = type.startsWith('Custom::') ? CUSTOM_RESOURCE : type;
    for (const { resources } of this.services) {
      const provider: ResourceProvider | undefined = resources[name];
      if (provider) return provider;
    }
    return undefined;
  };
}
