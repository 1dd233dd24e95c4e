import { AwsError, type AuthorizationRequest, type Operation } from '../../service';
import type { World } from '../../world';
import type { Functions } from './functions';
import { configurationFor, functionArn, parseReference } from './names';
import { permissionStatement } from './permissions';
import { publish } from './resources';
import { DEFAULT_ASYNC, policyOf, type AsyncInvokeConfiguration, type FunctionConfiguration, type FunctionRecord, type Outcome } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

/** What the operations need of the service that runs functions. */
export interface Invoker {
  run(record: FunctionRecord, configuration: FunctionConfiguration, invokedArn: string, payload: string): Promise<Outcome>;
  accept(record: FunctionRecord, qualifier: string | undefined, payload: string): string;
}

const MOST_BYTES = { RequestResponse: 6 * 1024 * 1024, Event: 1024 * 1024 };

export function lambdaOperations(world: World, functions: Functions, invoker: Invoker): Record<string, Operation> {
  const requests = (action: string) => ({ FunctionName, Qualifier }: any): AuthorizationRequest[] => {
    const reference = parseReference(FunctionName, Qualifier);
    const record = functions.find(reference.name);
    return [{ action: `lambda:${action}`, resource: functionArn(world, reference), resourcePolicy: record && policyOf(record) }];
  };
  /** An operation on one function; most are allowed under their own name. */
  const on = (action: string, run: (record: FunctionRecord, input: any) => any): Operation => ({
    authorize: requests(action),
    run: (input) => run(functions.get(parseReference(input.FunctionName).name), input),
  });
  const selected = (record: FunctionRecord, { FunctionName, Qualifier }: any): FunctionConfiguration => {
    const reference = parseReference(FunctionName, Qualifier);
    return configurationFor(record, reference.qualifier, functionArn(world, reference));
  };
  const everything = (action: string, run: () => any): Operation => ({ authorize: () => [{ action: `lambda:${action}`, resource: '*' }], run });
  const ofArn = (action: string, run: (record: FunctionRecord, input: any) => any): Operation => ({
    authorize: ({ Resource }) => [{ action: `lambda:${action}`, resource: Resource }],
    run: (input) => run(functions.get(parseReference(input.Resource).name), input),
  });

  return {
    Invoke: {
      authorize: requests('InvokeFunction'),
      run: (input) => invoke(world, functions, invoker, input),
    },
    GetFunction: on('GetFunction', (record, input) => ({
      Configuration: described(selected(record, input)),
      Code: { RepositoryType: 'S3', Location: `${world.endpoint}/lambda-code/${record.name}` },
      Tags: record.tags,
      ...(record.reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: record.reservedConcurrency } }),
    })),
    GetFunctionConfiguration: on('GetFunctionConfiguration', (record, input) => described(selected(record, input))),
    ListFunctions: everything('ListFunctions', () => ({ Functions: functions.all().map(({ latest }) => described(latest)) })),
    ListVersionsByFunction: on('ListVersionsByFunction', ({ latest, versions }) => ({ Versions: [latest, ...versions.values()].map(described) })),
    PublishVersion: on('PublishVersion', (record, { Description }) => described(record.versions.get(publish(record, Description))!)),
    GetAlias: on('GetAlias', (record, { Name }) => {
      if (!record.aliases.has(Name)) throw new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${record.arn}:${Name}`, 404);
      return alias(record, Name);
    }),
    ListAliases: on('ListAliases', (record) => ({ Aliases: [...record.aliases.keys()].map((name) => alias(record, name)) })),
    ListEventSourceMappings: everything('ListEventSourceMappings', () => ({ EventSourceMappings: [] })),
    GetPolicy: on('GetPolicy', (record) => {
      if (record.policy.size === 0) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
      return { Policy: JSON.stringify({ ...policyOf(record), Id: 'default' }), RevisionId: record.latest.revisionId };
    }),
    AddPermission: on('AddPermission', (record, input) => {
      if (record.policy.has(input.StatementId)) {
        throw new AwsError('ResourceConflictException', `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`, 409);
      }
      const statement = permissionStatement(world, parseReference(input.FunctionName, input.Qualifier), input.StatementId, input);
      record.policy.set(input.StatementId, statement);
      return { Statement: JSON.stringify(statement) };
    }),
    RemovePermission: on('RemovePermission', (record, { StatementId }) => {
      if (!record.policy.delete(StatementId)) throw new AwsError('ResourceNotFoundException', `Statement ${StatementId} is not found in resource policy.`, 404);
      return {};
    }),
    GetFunctionConcurrency: on('GetFunctionConcurrency', ({ reservedConcurrency }) => ({ ReservedConcurrentExecutions: reservedConcurrency })),
    PutFunctionConcurrency: on('PutFunctionConcurrency', (record, { ReservedConcurrentExecutions }) => {
      record.reservedConcurrency = ReservedConcurrentExecutions;
      return { ReservedConcurrentExecutions };
    }),
    DeleteFunctionConcurrency: on('DeleteFunctionConcurrency', (record) => {
      record.reservedConcurrency = undefined;
      return {};
    }),
    GetFunctionEventInvokeConfig: on('GetFunctionEventInvokeConfig', ({ arn, name, asyncConfiguration }) => {
      if (asyncConfiguration === undefined) throw new AwsError('ResourceNotFoundException', `The function ${name} doesn't have an EventInvokeConfig`, 404);
      return asyncDescription(arn, asyncConfiguration);
    }),
    PutFunctionEventInvokeConfig: on('PutFunctionEventInvokeConfig', (record, input) => {
      record.asyncConfiguration = {
        maximumRetryAttempts: input.MaximumRetryAttempts ?? DEFAULT_ASYNC.maximumRetryAttempts,
        maximumEventAgeSeconds: input.MaximumEventAgeInSeconds ?? DEFAULT_ASYNC.maximumEventAgeSeconds,
        onSuccess: input.DestinationConfig?.OnSuccess?.Destination,
        onFailure: input.DestinationConfig?.OnFailure?.Destination,
        lastModified: world.clock.date(),
      };
      return asyncDescription(record.arn, record.asyncConfiguration);
    }),
    ListTags: ofArn('ListTags', ({ tags }) => ({ Tags: tags })),
    TagResource: ofArn('TagResource', (record, { Tags }) => {
      Object.assign(record.tags, Tags);
      return {};
    }),
    UntagResource: ofArn('UntagResource', (record, { TagKeys }) => {
      for (const key of TagKeys) delete record.tags[key];
      return {};
    }),
  };
}

async function invoke(world: World, functions: Functions, invoker: Invoker, input: any): Promise<any> {
  const { InvocationType = 'RequestResponse', Payload = Buffer.from('{}'), LogType = 'None' } = input;
  const reference = parseReference(input.FunctionName, input.Qualifier);
  const record = functions.get(reference.name);
  const invokedArn = functionArn(world, reference);
  const configuration = configurationFor(record, reference.qualifier, invokedArn);
  if (InvocationType === 'DryRun') return { StatusCode: 204 };

  const most = MOST_BYTES[InvocationType as keyof typeof MOST_BYTES];
  if (Payload.length > most) {
    throw new AwsError('RequestTooLargeException', `${Payload.length} byte payload is too large for the ${InvocationType} invocation type (limit ${most} bytes)`, 413);
  }
  const payload = Payload.length === 0 ? '{}' : Buffer.from(Payload).toString();
  try {
    JSON.parse(payload);
  } catch (error) {
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${(error as Error).message}`);
  }
  if (InvocationType === 'Event') {
    invoker.accept(record, reference.qualifier, payload);
    return { StatusCode: 202, Payload: Buffer.alloc(0) };
  }
  const outcome = await invoker.run(record, configuration, invokedArn, payload);
  return {
    StatusCode: 200,
    ExecutedVersion: configuration.version,
    Payload: Buffer.from(outcome.payload),
    ...(outcome.error !== undefined && { FunctionError: outcome.error }),
    ...(LogType === 'Tail' && { LogResult: Buffer.from(outcome.logTail).toString('base64') }),
  };
}

function described(configuration: FunctionConfiguration): Record<string, any> {
  const { logging } = configuration;
  return {
    FunctionName: configuration.name,
    FunctionArn: configuration.version === '$LATEST' ? configuration.arn : `${configuration.arn}:${configuration.version}`,
    Runtime: configuration.runtime,
    Role: configuration.role,
    Handler: configuration.handler,
    CodeSize: configuration.code.size,
    CodeSha256: configuration.code.sha256,
    Description: configuration.description,
    Timeout: configuration.timeoutSeconds,
    MemorySize: configuration.memoryMb,
    LastModified: configuration.lastModified.toISOString().replace('Z', '+0000'),
    Version: configuration.version,
    RevisionId: configuration.revisionId,
    PackageType: 'Zip',
    Architectures: configuration.architectures,
    EphemeralStorage: { Size: configuration.ephemeralStorageMb },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    TracingConfig: { Mode: configuration.tracingMode },
    LoggingConfig: {
      LogFormat: logging.format, LogGroup: logging.group,
      ...(logging.applicationLevel !== undefined && { ApplicationLogLevel: logging.applicationLevel }),
      ...(logging.systemLevel !== undefined && { SystemLogLevel: logging.systemLevel }),
    },
    ...(Object.keys(configuration.environment).length > 0 && { Environment: { Variables: configuration.environment } }),
    ...(configuration.kmsKeyArn !== undefined && { KMSKeyArn: configuration.kmsKeyArn }),
    ...(configuration.deadLetterTargetArn !== undefined && { DeadLetterConfig: { TargetArn: configuration.deadLetterTargetArn } }),
    ...(configuration.vpcConfig !== undefined && { VpcConfig: configuration.vpcConfig }),
  };
}

function alias({ arn, aliases, latest }: FunctionRecord, name: string): Record<string, any> {
  return { AliasArn: `${arn}:${name}`, Name: name, FunctionVersion: aliases.get(name), RevisionId: latest.revisionId };
}

function asyncDescription(arn: string, configuration: AsyncInvokeConfiguration): Record<string, any> {
  const destination = (Destination: string | undefined) => (Destination === undefined ? {} : { Destination });
  return {
    FunctionArn: `${arn}:$LATEST`, LastModified: configuration.lastModified,
    MaximumRetryAttempts: configuration.maximumRetryAttempts, MaximumEventAgeInSeconds: configuration.maximumEventAgeSeconds,
    DestinationConfig: { OnSuccess: destination(configuration.onSuccess), OnFailure: destination(configuration.onFailure) },
  };
}
