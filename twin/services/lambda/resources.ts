import { AwsError, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import type { Functions } from './functions';
import { parseReference } from './names';
import type { EnvironmentPool } from './pool';
import { permissionStatement } from './permissions';
import { DEFAULT_ASYNC, type FunctionRecord } from './state';

export function lambdaResources(functions: Functions, pool: EnvironmentPool): Record<string, ResourceProvider> {
  return {
    'AWS::Lambda::Function': functionProvider(functions, pool),
    'AWS::Lambda::Permission': permissionProvider(functions),
    'AWS::Lambda::EventInvokeConfig': eventInvokeProvider(functions),
    'AWS::Lambda::Version': versionProvider(functions),
    'AWS::Lambda::Alias': aliasProvider(functions),
  };
}

function functionProvider(functions: Functions, pool: EnvironmentPool): ResourceProvider {
  const handle = ({ name, arn }: FunctionRecord): ResourceHandle => ({ physicalId: name, attributes: { Arn: arn } });
  return {
    properties: [
      'Architectures', 'Code', 'DeadLetterConfig', 'Description', 'Environment', 'EphemeralStorage', 'FunctionName', 'Handler', 'KmsKeyArn', 'LoggingConfig',
      'MemorySize', 'PackageType', 'ReservedConcurrentExecutions', 'Role', 'Runtime', 'Tags', 'Timeout', 'TracingConfig', 'VpcConfig',
    ],
    createOnly: ['FunctionName', 'PackageType'],
    create: async (request) => handle(await functions.create(request)),
    update: async (request, existing) => {
      const record = await functions.update(existing.physicalId, request);
      pool.discard(({ name, version }) => name === record.name && version === '$LATEST');
      return handle(record);
    },
    delete: (_request, { physicalId }) => {
      functions.delete(physicalId);
      pool.discard(({ name }) => name === physicalId);
    },
  };
}

function permissionProvider(functions: Functions): ResourceProvider {
  const put = ({ world, properties }: ResourceRequest, sid: string): ResourceHandle => {
    const reference = parseReference(properties.FunctionName);
    functions.get(reference.name).policy.set(sid, permissionStatement(world, reference, sid, { ...properties, StatementId: sid }));
    return { physicalId: sid, attributes: { Id: sid } };
  };
  return {
    properties: ['Action', 'EventSourceToken', 'FunctionName', 'FunctionUrlAuthType', 'Principal', 'PrincipalOrgID', 'SourceAccount', 'SourceArn'],
    createOnly: ['Action', 'EventSourceToken', 'FunctionName', 'FunctionUrlAuthType', 'Principal', 'PrincipalOrgID', 'SourceAccount', 'SourceArn'],
    create: (request) => put(request, request.generateName(100)),
    update: (request, { physicalId }) => put(request, physicalId),
    delete: ({ properties }, { physicalId }) => { functions.find(parseReference(properties.FunctionName).name)?.policy.delete(physicalId); },
  };
}

function eventInvokeProvider(functions: Functions): ResourceProvider {
  const put = ({ world, properties }: ResourceRequest): void => {
    if (properties.Qualifier !== '$LATEST') {
      throw new AwsError('InvalidParameterValueException', `the twin implements EventInvokeConfig for $LATEST, not for ${properties.Qualifier}`);
    }
    functions.get(parseReference(properties.FunctionName).name).asyncConfiguration = {
      maximumRetryAttempts: Number(properties.MaximumRetryAttempts ?? DEFAULT_ASYNC.maximumRetryAttempts),
      maximumEventAgeSeconds: Number(properties.MaximumEventAgeInSeconds ?? DEFAULT_ASYNC.maximumEventAgeSeconds),
      onSuccess: properties.DestinationConfig?.OnSuccess?.Destination,
      onFailure: properties.DestinationConfig?.OnFailure?.Destination,
      lastModified: world.clock.date(),
    };
  };
  return {
    properties: ['DestinationConfig', 'FunctionName', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts', 'Qualifier'],
    createOnly: ['FunctionName', 'Qualifier'],
    create: (request) => {
      const { name } = parseReference(request.properties.FunctionName);
      if (functions.get(name).asyncConfiguration !== undefined) {
        throw new AwsError('ResourceConflictException', `The function ${name} already has an EventInvokeConfig`, 409);
      }
      put(request);
      return { physicalId: `${name}|${request.properties.Qualifier}` };
    },
    update: (request, existing) => {
      put(request);
      return existing;
    },
    delete: ({ properties }) => {
      const record = functions.find(parseReference(properties.FunctionName).name);
      if (record !== undefined) record.asyncConfiguration = undefined;
    },
  };
}

function versionProvider(functions: Functions): ResourceProvider {
  return {
    properties: ['CodeSha256', 'Description', 'FunctionName'],
    createOnly: ['CodeSha256', 'Description', 'FunctionName'],
    create: ({ properties }) => {
      const record = functions.get(parseReference(properties.FunctionName).name);
      const { CodeSha256 } = properties;
      if (CodeSha256 !== undefined && CodeSha256 !== record.latest.code.sha256) {
        throw new AwsError('InvalidParameterValueException', `CodeSHA256 (${CodeSha256}) is different from current CodeSHA256 in $LATEST (${record.latest.code.sha256}).`);
      }
      const version = publish(record, properties.Description);
      return { physicalId: `${record.arn}:${version}`, attributes: { Version: version, FunctionArn: `${record.arn}:${version}` } };
    },
    update: (_request, existing) => existing,
    delete: (_request, { physicalId }) => {
      const { name, qualifier } = parseReference(physicalId);
      functions.find(name)?.versions.delete(qualifier!);
    },
  };
}

/** Freezes the present configuration under the next number. */
export function publish(record: FunctionRecord, description?: string): string {
  const version = String(Math.max(0, ...[...record.versions.keys()].map(Number)) + 1);
  record.versions.set(version, { ...record.latest, version, description: description ?? record.latest.description });
  return version;
}

function aliasProvider(functions: Functions): ResourceProvider {
  const put = ({ properties }: ResourceRequest): ResourceHandle => {
    const record = functions.get(parseReference(properties.FunctionName).name);
    const { FunctionVersion, Name } = properties;
    if (FunctionVersion !== '$LATEST' && !record.versions.has(FunctionVersion)) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${record.arn}:${FunctionVersion}`, 404);
    }
    record.aliases.set(Name, FunctionVersion);
    return { physicalId: `${record.arn}:${Name}`, attributes: { AliasArn: `${record.arn}:${Name}` } };
  };
  return {
    properties: ['FunctionName', 'FunctionVersion', 'Name'],
    createOnly: ['FunctionName', 'Name'],
    create: put,
    update: put,
    delete: (_request, { physicalId }) => {
      const { name, qualifier } = parseReference(physicalId);
      functions.find(name)?.aliases.delete(qualifier!);
    },
  };
}
