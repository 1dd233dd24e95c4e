import { AwsError, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import { checkKey } from './encryption';
import { checkedRetention, type LogGroup, type LogsState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of templates */

export function logsResources(state: LogsState): Record<string, ResourceProvider> {
  return {
    'AWS::Logs::LogGroup': groupProvider(state),
    'AWS::Logs::LogStream': streamProvider(state),
    'AWS::Logs::MetricFilter': metricFilterProvider(state),
    'AWS::Logs::ResourcePolicy': resourcePolicyProvider(state),
  };
}

function groupProvider(state: LogsState): ResourceProvider {
  const handle = ({ name, arn }: LogGroup): ResourceHandle => ({ physicalId: name, attributes: { Arn: `${arn}:*` } });
  const settings = ({ properties }: ResourceRequest) => ({
    retentionDays: properties.RetentionInDays === undefined ? undefined : Number(properties.RetentionInDays),
    kmsKeyId: properties.KmsKeyId,
    tags: Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])),
  });
  return {
    properties: ['KmsKeyId', 'LogGroupClass', 'LogGroupName', 'RetentionInDays', 'Tags'],
    createOnly: ['LogGroupName'],
    create: async (request) => {
      const name: string = request.properties.LogGroupName ?? request.generateName(512);
      await checkKey(request.world, state.groupArn(name), request.properties.KmsKeyId);
      return handle(state.createGroup(name, { ...settings(request), logGroupClass: request.properties.LogGroupClass }));
    },
    update: async (request, { physicalId }) => {
      const group = state.group(physicalId);
      if (request.properties.KmsKeyId !== group.kmsKeyId) await checkKey(request.world, group.arn, request.properties.KmsKeyId);
      const { retentionDays, kmsKeyId, tags } = settings(request);
      Object.assign(group, { retentionDays: checkedRetention(retentionDays), kmsKeyId, tags });
      return handle(group);
    },
    delete: (_request, { physicalId }) => { state.groups.delete(physicalId); },
  };
}

function streamProvider(state: LogsState): ResourceProvider {
  return {
    properties: ['LogGroupName', 'LogStreamName'],
    createOnly: ['LogGroupName', 'LogStreamName'],
    create: (request) => {
      const { LogGroupName, LogStreamName } = request.properties;
      return { physicalId: state.createStream(state.group(LogGroupName), LogStreamName ?? request.generateName(512)).name };
    },
    update: (_request, existing) => existing,
    delete: ({ properties }, { physicalId }) => { state.groups.get(properties.LogGroupName)?.streams.delete(physicalId); },
  };
}

function metricFilterProvider(state: LogsState): ResourceProvider {
  const put = ({ properties }: ResourceRequest, name: string): ResourceHandle => {
    const { LogGroupName, FilterPattern, MetricTransformations } = properties;
    state.putMetricFilter(state.group(LogGroupName), name, FilterPattern, MetricTransformations.map(transformation));
    return { physicalId: name };
  };
  return {
    properties: ['FilterName', 'FilterPattern', 'LogGroupName', 'MetricTransformations'],
    createOnly: ['FilterName', 'LogGroupName'],
    create: (request) => put(request, request.properties.FilterName ?? request.generateName(512)),
    update: (request, { physicalId }) => put(request, physicalId),
    delete: ({ properties }, { physicalId }) => { state.groups.get(properties.LogGroupName)?.metricFilters.delete(physicalId); },
  };
}

function transformation({ MetricName, MetricNamespace, MetricValue, DefaultValue, Unit, Dimensions }: Record<string, any>) {
  return {
    metricName: MetricName, metricNamespace: MetricNamespace, metricValue: MetricValue, unit: Unit,
    defaultValue: DefaultValue === undefined ? undefined : Number(DefaultValue),
    dimensions: Dimensions === undefined ? undefined : Object.fromEntries(Dimensions.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value])),
  };
}

function resourcePolicyProvider(state: LogsState): ResourceProvider {
  const put = ({ properties: { PolicyName, PolicyDocument } }: ResourceRequest): ResourceHandle => {
    state.resourcePolicies.set(PolicyName, typeof PolicyDocument === 'string' ? JSON.parse(PolicyDocument) : PolicyDocument);
    return { physicalId: PolicyName };
  };
  return {
    properties: ['PolicyDocument', 'PolicyName'],
    createOnly: ['PolicyName'],
    create: (request) => {
      const { PolicyName } = request.properties;
      if (state.resourcePolicies.has(PolicyName)) throw new AwsError('ResourceAlreadyExistsException', `${PolicyName} already exists`);
      return put(request);
    },
    update: put,
    delete: (_request, { physicalId }) => { state.resourcePolicies.delete(physicalId); },
  };
}
