import { compileFilter } from './filter-pattern';
import type { LogEvent, LogGroup, LogStream, LogsState } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

const MOST_EVENTS = 10_000;

/** GetLogEvents: one stream, forwards or backwards; its tokens name a position and stay valid at either end. */
export function getLogEvents(state: LogsState, input: any): any {
  const group = state.group(input.logGroupName ?? input.logGroupIdentifier);
  const events = inTime(state.stream(group, input.logStreamName).events, input);
  const limit = input.limit ?? MOST_EVENTS;
  const [direction, position] = input.nextToken === undefined ? [undefined, 0] : [input.nextToken[0], Number(input.nextToken.slice(2))];
  const forwards = direction === undefined ? input.startFromHead === true : direction === 'f';
  const from = direction === undefined ? (forwards ? 0 : Math.max(0, events.length - limit)) : forwards ? position : Math.max(0, position - limit);
  const to = direction === 'b' ? position : Math.min(events.length, from + limit);
  return {
    events: events.slice(from, to).map(({ timestamp, message, ingestionTime }) => ({ timestamp, message, ingestionTime })),
    nextForwardToken: `f/${to}`,
    nextBackwardToken: `b/${from}`,
  };
}

/** FilterLogEvents: many streams, in the order of time. */
export function filterLogEvents(state: LogsState, input: any): any {
  const group = state.group(input.logGroupName ?? input.logGroupIdentifier);
  const matches = compileFilter(input.filterPattern ?? '');
  const found = streamsOf(group, input).flatMap((stream) => inTime(stream.events, input)
    .filter(({ message }) => matches(message) !== undefined)
    .map((event) => ({ logStreamName: stream.name, ...event })));
  found.sort((one, other) => one.timestamp - other.timestamp || one.eventId.localeCompare(other.eventId));
  const from = Number(input.nextToken ?? 0);
  const to = Math.min(found.length, from + (input.limit ?? MOST_EVENTS));
  return { events: found.slice(from, to), searchedLogStreams: [], ...(to < found.length && { nextToken: String(to) }) };
}

function streamsOf(group: LogGroup, { logStreamNames, logStreamNamePrefix }: any): LogStream[] {
  const streams = [...group.streams.values()];
  if (logStreamNames !== undefined) return streams.filter(({ name }) => logStreamNames.includes(name));
  return streams.filter(({ name }) => name.startsWith(logStreamNamePrefix ?? ''));
}

function inTime(events: readonly LogEvent[], { startTime = 0, endTime = Number.POSITIVE_INFINITY }: any): LogEvent[] {
  return events.filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime);
}
