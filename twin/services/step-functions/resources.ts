import { AwsError, type Principal, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import type { World } from '../../world';
import { invalid, parseDefinition, type Definition, type Json } from './definition';
import type { ExecutionEngine } from './execution';
import type { Logging, StateMachine, StepFunctionsState } from './state';
import { managedRulesOf } from './tasks';

const DELETION_POLL = 30_000;
/** How long CloudFormation waits for a resource whose type does not say otherwise. */
const DELETION_LIMIT = 2 * 3_600_000;

const PROPERTIES = [
  'DefinitionString', 'DefinitionSubstitutions', 'RoleArn', 'StateMachineName', 'StateMachineType',
  'LoggingConfiguration', 'TracingConfiguration', 'EncryptionConfiguration', 'Tags',
];

export function stateMachineProvider(world: World, state: StepFunctionsState, engine: ExecutionEngine): ResourceProvider {
  return {
    properties: PROPERTIES,
    createOnly: ['StateMachineName', 'StateMachineType'],
    attributes: ['Arn', 'Name', 'StateMachineRevisionId'],
    async create(request) {
      const name: string = request.properties.StateMachineName ?? request.generateName(80);
      const arn = world.arn('states', `stateMachine:${name}`);
      state.assertNotDeleting(arn);
      if (state.machines.has(arn)) throw new AwsError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
      const settings = await checkedSettings(request, arn);
      const now = world.clock.date();
      state.machines.set(arn, {
        arn, name, type: request.properties.StateMachineType ?? 'STANDARD', createdAt: now, updatedAt: now, revisionId: world.random.uuid(),
        status: 'ACTIVE', ...settings,
      });
      return handleOf(state.machines.get(arn)!);
    },
    async update(request, existing) {
      const machine = state.machines.get(existing.physicalId)!;
      const settings = await checkedSettings(request, machine.arn);
      return handleOf(Object.assign(machine, settings, { updatedAt: world.clock.date(), revisionId: world.random.uuid() }));
    },
    /** DeleteStateMachine only begins; CloudFormation looks until the machine is no longer there, which takes the end of all its executions. */
    async delete(_request, existing) {
      const machine = state.machines.get(existing.physicalId);
      if (machine === undefined) return;
      machine.status = 'DELETING';
      const giveUp = world.clock.now() + DELETION_LIMIT;
      while (state.runningOf(machine.arn).length > 0) {
        if (world.clock.now() >= giveUp) throw new AwsError('NotStabilized', `Resource ${machine.arn} did not stabilize: it is DELETING while executions run`);
        await world.clock.sleep(DELETION_POLL, `deletion of ${machine.name}`);
      }
      state.machines.delete(machine.arn);
    },
  };

  async function checkedSettings({ properties }: ResourceRequest, arn: string): Promise<Omit<StateMachine, 'arn' | 'name' | 'type' | 'createdAt' | 'updatedAt' | 'revisionId' | 'status'>> {
    const definitionText = substitute(properties.DefinitionString as string, properties.DefinitionSubstitutions ?? {});
    const definition = parseDefinition(definitionText, properties.StateMachineType);
    try {
      engine.validate(definition);
    } catch (error) {
      throw invalid(`SCHEMA_VALIDATION_FAILED: ${(error as Error).message}`);
    }
    const roleArn: string = properties.RoleArn;
    await assertRole(roleArn, arn, definition, destination(properties.LoggingConfiguration));
    return {
      roleArn, definition, definitionText,
      loggingConfiguration: loggingShape(properties.LoggingConfiguration),
      tracingConfiguration: lowered(properties.TracingConfiguration),
      encryptionConfiguration: lowered(properties.EncryptionConfiguration),
      logging: destination(properties.LoggingConfiguration),
      encryptionKeyId: properties.EncryptionConfiguration?.KmsKeyId,
      tags: ((properties.Tags ?? []) as Json[]).map(({ Key, Value }) => ({ key: Key, value: Value })),
    };
  }

  /** Step Functions assumes the role when the machine is created, and sets up with it what it needs around it. */
  async function assertRole(roleArn: string, arn: string, definition: Definition, logging: Logging | undefined): Promise<void> {
    await world.call({
      service: 'sts', operation: 'AssumeRole', input: { RoleArn: roleArn, RoleSessionName: 'states' },
      caller: { kind: 'service', service: 'states.amazonaws.com', sourceArn: arn, sourceAccount: world.account },
    });
    const caller: Principal = { kind: 'role', roleArn, sessionName: 'states' };
    for (const name of managedRulesOf(definition)) {
      await translated(() => world.call({ service: 'states', operation: 'CreateManagedRule', input: { name }, caller }), `'${roleArn}' is not authorized to create managed-rule.`);
    }
    if (logging !== undefined) {
      await translated(
        () => world.call({ service: 'states', operation: 'CreateLogDelivery', input: { group: logging.group }, caller }),
        'The state machine IAM Role is not authorized to access the Log Destination',
      );
    }
  }
}

async function translated(call: () => Promise<unknown>, message: string): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new AwsError('AccessDeniedException', `${message} (${error.message})`);
  }
}

function handleOf({ arn, name, revisionId }: StateMachine): ResourceHandle {
  return { physicalId: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revisionId } };
}

function substitute(text: string, substitutions: Readonly<Record<string, unknown>>): string {
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => (name in substitutions ? String(substitutions[name]) : whole));
}

function loggingShape(configuration: Json): Json {
  if (configuration === undefined) return undefined;
  return {
    level: configuration.Level ?? 'OFF', includeExecutionData: configuration.IncludeExecutionData ?? false,
    destinations: (configuration.Destinations ?? []).map(({ CloudWatchLogsLogGroup }: Json) => ({ cloudWatchLogsLogGroup: { logGroupArn: CloudWatchLogsLogGroup.LogGroupArn } })),
  };
}

function destination(configuration: Json): Logging | undefined {
  const level: string = configuration?.Level ?? 'OFF';
  const arn: string | undefined = configuration?.Destinations?.[0]?.CloudWatchLogsLogGroup?.LogGroupArn;
  if (level === 'OFF' || arn === undefined) return undefined;
  return { level, includeExecutionData: configuration.IncludeExecutionData ?? false, group: arn.split(':')[6]! };
}

/** CloudFormation writes members in PascalCase, the API in camelCase. */
function lowered(value: Json): Json {
  if (value === undefined) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.charAt(0).toLowerCase() + key.slice(1), inner]));
}
