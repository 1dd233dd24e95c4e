import { isDeepStrictEqual } from 'util';
import type { ResourceProvider, Service } from '../../service';
import {
  parameterValues, planOf, TemplateErrors, type FindProvider, type Plan, type Tags, type Template,
} from '../../template';
import type { World } from '../../world';
import type { SsmService } from '../ssm';
import { cloudFormationOperations } from './api';
import { createStack } from './create-stack';
import { CustomResources } from './custom-resource';
import { deleteStack } from './delete-stack';
import { StackOperationError } from './errors';
import { ResourceOperations } from './resource-operations';
import { cloudFormationResources, CUSTOM_RESOURCE } from './resources';
import { pseudoParameters, StackScope } from './scope';
import { Stacks, type Stack, type StackOutput } from './state';
import { updateStack } from './update-stack';

export { RESPONSE_PATH } from './custom-resource';
export { StackOperationError } from './errors';
export type { Stack } from './state';

export interface StackInput {
  readonly stackName: string;
  readonly template: Template;
  readonly tags: Tags;
  readonly parameters: Readonly<Record<string, string>>;
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
    this.operations = cloudFormationOperations(world, this.stacks);
    this.resources = cloudFormationResources(this.custom);
    this.resourceOperations = new ResourceOperations(world, this.findProvider);
  }

  /** The services whose resources a template may hold. */
  connect(services: readonly Service[]): void {
    this.services = services;
  }

  /** Creates the stack, or updates it to the template; what is already so stays untouched. */
  async deploy(input: StackInput): Promise<Stack> {
    const existing = this.stacks.find(input.stackName);
    // A stack whose creation was rolled back can only be deleted, which `cdk deploy` does by itself.
    if (existing?.status === 'ROLLBACK_COMPLETE') await this.destroy(input.stackName);
    else if (existing) return this.update(existing, input);

    const { world } = this;
    const stack: Stack = {
      stackId: world.arn('cloudformation', `stack/${input.stackName}/${world.random.uuid()}`), stackName: input.stackName,
      createdAt: world.clock.date(), status: 'CREATE_IN_PROGRESS', template: input.template, givenParameters: input.parameters, parameters: {},
      tags: input.tags, resources: new Map(), outputs: new Map(), imports: new Set(), events: [],
    };
    const plan = this.plan(stack, input);
    stack.parameters = plan.parameters;
    this.stacks.add(stack);
    await createStack(this.resourceOperations, stack, plan, new StackScope(world, stack, plan, this.stacks));
    return stack;
  }

  async destroy(stackName: string): Promise<void> {
    const stack = this.stacks.find(stackName);
    if (stack === undefined) return;
    this.checkExports(stack, new Map());
    await deleteStack(this.resourceOperations, stack, () => this.world.clock.date());
  }

  /** The answer of a custom resource's function; false if nobody waits for it. */
  respond(token: string, body: string): boolean {
    return this.custom.respond(token, body);
  }

  remaining(): string[] {
    return this.stacks.living().map(({ stackId }) => stackId);
  }

  private async update(stack: Stack, input: StackInput): Promise<Stack> {
    if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)) {
      throw new StackOperationError(stack.stackName, stack.status, [{
        logicalId: stack.stackName, type: 'AWS::CloudFormation::Stack', reason: 'can not be updated in this state; destroy it first',
      }]);
    }
    const before = { template: stack.template, givenParameters: stack.givenParameters, parameters: stack.parameters, tags: stack.tags };
    const plan = this.plan(stack, input);
    const wanted = { template: input.template, givenParameters: input.parameters, parameters: plan.parameters, tags: input.tags };
    if (isDeepStrictEqual(before, wanted)) return stack;
    Object.assign(stack, wanted);
    stack.updatedAt = this.world.clock.date();
    try {
      const scope = new StackScope(this.world, stack, plan, this.stacks);
      await updateStack(this.resourceOperations, stack, plan, scope, (outputs) => this.checkExports(stack, outputs));
    } catch (error) {
      Object.assign(stack, before);
      throw error;
    }
    return stack;
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
