import { AwsError, type AuthorizationRequest, type Operation } from '../../service';
import type { World } from '../../world';
import { checkKey } from './encryption';
import { metricsOf } from './ingestion';
import { filterLogEvents, getLogEvents } from './reading';
import { checkedRetention, groupName, type LogGroup, type LogsState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

const DAY = 24 * 3_600_000;

export function logsOperations(world: World, state: LogsState): Record<string, Operation> {
  // IAM sees a group with an empty stream behind it.
  const groupArn = (name: string) => `${state.groupArn(name)}:log-stream:`;
  const permission = (action: string, resource: string): AuthorizationRequest[] => [{ action: `logs:${action}`, resource, resourcePolicy: state.policy() }];
  const onGroup = (action: string, run: (group: LogGroup, input: any) => any): Operation => ({
    authorize: (input) => permission(action, groupArn(groupName(input.logGroupName ?? input.logGroupIdentifier))),
    run: (input) => run(state.group(input.logGroupName ?? input.logGroupIdentifier), input) ?? {},
  });
  const onStream = (action: string, run: (group: LogGroup, input: any) => any): Operation => ({
    authorize: (input) => permission(action, `${groupArn(groupName(input.logGroupName ?? input.logGroupIdentifier))}${input.logStreamName}`),
    run: (input) => run(state.group(input.logGroupName ?? input.logGroupIdentifier), input) ?? {},
  });
  const everywhere = (action: string, run: (input: any) => any): Operation => ({ authorize: () => permission(action, '*'), run: (input) => run(input) ?? {} });
  const onTagged = (action: string, run: (group: LogGroup, input: any) => any): Operation => ({
    authorize: ({ resourceArn }) => permission(action, resourceArn),
    run: (input) => run(state.group(input.resourceArn), input) ?? {},
  });

  return {
    CreateLogGroup: {
      authorize: ({ logGroupName, tags }) => [
        ...permission('CreateLogGroup', groupArn(logGroupName)), ...(tags === undefined ? [] : permission('TagResource', groupArn(logGroupName))),
      ],
      run: async ({ logGroupName, kmsKeyId, tags, logGroupClass }) => {
        await checkKey(world, state.groupArn(logGroupName), kmsKeyId);
        state.createGroup(logGroupName, { kmsKeyId, tags, logGroupClass });
        return {};
      },
    },
    DeleteLogGroup: onGroup('DeleteLogGroup', (group) => { state.groups.delete(group.name); }),
    DescribeLogGroups: {
      authorize: () => permission('DescribeLogGroups', `${state.groupArn('')}:log-stream:`),
      run: ({ logGroupNamePrefix = '', logGroupNamePattern = '' }) => ({
        logGroups: [...state.groups.values()].filter(({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern))
          .sort((one, other) => one.name.localeCompare(other.name)).map(describedGroup),
      }),
    },
    PutRetentionPolicy: onGroup('PutRetentionPolicy', (group, { retentionInDays }) => { group.retentionDays = checkedRetention(retentionInDays); }),
    DeleteRetentionPolicy: onGroup('DeleteRetentionPolicy', (group) => { group.retentionDays = undefined; }),
    CreateLogStream: onStream('CreateLogStream', (group, { logStreamName }) => { state.createStream(group, logStreamName); }),
    DeleteLogStream: onStream('DeleteLogStream', (group, { logStreamName }) => { group.streams.delete(state.stream(group, logStreamName).name); }),
    DescribeLogStreams: onGroup('DescribeLogStreams', (group, { logStreamNamePrefix = '', orderBy, descending }) => {
      const streams = [...group.streams.values()].filter(({ name }) => name.startsWith(logStreamNamePrefix)).map((stream) => ({
        logStreamName: stream.name, arn: stream.arn, creationTime: stream.createdAt, firstEventTimestamp: stream.events[0]?.timestamp,
        lastEventTimestamp: stream.events.at(-1)?.timestamp, lastIngestionTime: stream.events.at(-1)?.ingestionTime,
      }));
      streams.sort((one, other) => (orderBy === 'LastEventTime' ? (one.lastEventTimestamp ?? 0) - (other.lastEventTimestamp ?? 0) : one.logStreamName.localeCompare(other.logStreamName)));
      return { logStreams: descending ? streams.reverse() : streams };
    }),
    PutLogEvents: onStream('PutLogEvents', (group, input) => putLogEvents(world, state, group, input)),
    GetLogEvents: { ...onStream('GetLogEvents', () => undefined), run: (input) => getLogEvents(state, input) },
    FilterLogEvents: { ...onGroup('FilterLogEvents', () => undefined), run: (input) => filterLogEvents(state, input) },
    PutMetricFilter: onGroup('PutMetricFilter', (group, { filterName, filterPattern, metricTransformations }) => {
      state.putMetricFilter(group, filterName, filterPattern, metricTransformations);
    }),
    DeleteMetricFilter: onGroup('DeleteMetricFilter', (group, { filterName }) => {
      if (!group.metricFilters.delete(filterName)) throw new AwsError('ResourceNotFoundException', 'The specified metric filter does not exist.');
    }),
    DescribeMetricFilters: everywhere('DescribeMetricFilters', ({ logGroupName, filterNamePrefix = '' }) => ({
      metricFilters: (logGroupName === undefined ? [...state.groups.values()] : [state.group(logGroupName)]).flatMap((group) => [...group.metricFilters.values()]
        .filter(({ name }) => name.startsWith(filterNamePrefix))
        .map(({ name, pattern, transformations, createdAt }) => ({
          filterName: name, filterPattern: pattern, metricTransformations: transformations, creationTime: createdAt, logGroupName: group.name,
        }))),
    })),
    PutResourcePolicy: everywhere('PutResourcePolicy', ({ policyName, policyDocument }) => {
      state.resourcePolicies.set(policyName, JSON.parse(policyDocument));
      return { resourcePolicy: { policyName, policyDocument, lastUpdatedTime: world.clock.now() } };
    }),
    DeleteResourcePolicy: everywhere('DeleteResourcePolicy', ({ policyName }) => {
      if (!state.resourcePolicies.delete(policyName)) throw new AwsError('ResourceNotFoundException', 'Policy with the given name does not exist.');
    }),
    DescribeResourcePolicies: everywhere('DescribeResourcePolicies', () => ({
      resourcePolicies: [...state.resourcePolicies].map(([policyName, policy]) => ({ policyName, policyDocument: JSON.stringify(policy) })),
    })),
    ListTagsForResource: onTagged('ListTagsForResource', ({ tags }) => ({ tags })),
    TagResource: onTagged('TagResource', (group, { tags }) => { Object.assign(group.tags, tags); }),
    UntagResource: onTagged('UntagResource', (group, { tagKeys }) => {
      for (const key of tagKeys) delete group.tags[key];
    }),
  };
}

function putLogEvents(world: World, state: LogsState, group: LogGroup, { logStreamName, logEvents }: any): any {
  const stream = state.stream(group, logStreamName);
  const now = world.clock.now();
  let tooOld = 0;
  let tooNew = logEvents.length;
  let last = 0;
  logEvents.forEach(({ timestamp, message }: { timestamp: number; message: string }, index: number) => {
    if (timestamp < last) {
      throw new AwsError('InvalidParameterException', 'Log events in a single PutLogEvents request must be in chronological order.');
    }
    last = timestamp;
    if (timestamp < now - 14 * DAY) tooOld = index + 1;
    else if (timestamp > now + DAY / 12) tooNew = Math.min(tooNew, index);
    else metricsOf(world, group, state.append(stream, timestamp, message));
  });
  return {
    nextSequenceToken: String(stream.events.length),
    ...((tooOld > 0 || tooNew < logEvents.length) && {
      rejectedLogEventsInfo: { ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }), ...(tooNew < logEvents.length && { tooNewLogEventStartIndex: tooNew }) },
    }),
  };
}

function describedGroup(group: LogGroup): any {
  return {
    logGroupName: group.name, arn: `${group.arn}:*`, logGroupArn: group.arn, creationTime: group.createdAt, retentionInDays: group.retentionDays,
    kmsKeyId: group.kmsKeyId, logGroupClass: group.logGroupClass, metricFilterCount: group.metricFilters.size,
    storedBytes: 0,
  };
}
