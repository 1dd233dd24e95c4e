import type { ResourceHandle, ResourceProvider, ResourceRequest } from '../../service';
import type { Rules } from './rules';
import type { EventBus, EventsState, Rule, Target } from './state';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of templates */

export function eventsResources(state: EventsState, rules: Rules): Record<string, ResourceProvider> {
  return {
    'AWS::Events::Rule': ruleProvider(state, rules),
    'AWS::Events::EventBus': busProvider(state),
    'AWS::Events::EventBusPolicy': busPolicyProvider(state),
  };
}

function ruleProvider(state: EventsState, rules: Rules): ResourceProvider {
  const handle = ({ name, arn, busName }: Rule): ResourceHandle => ({ physicalId: busName === 'default' ? name : `${busName}|${name}`, attributes: { Arn: arn } });
  const put = ({ properties }: ResourceRequest, name: string): Rule => {
    const { EventBusName, EventPattern, Targets = [] } = properties;
    const rule = rules.put({
      name, busName: EventBusName, description: properties.Description, roleArn: properties.RoleArn, scheduleExpression: properties.ScheduleExpression,
      pattern: EventPattern === undefined ? undefined : typeof EventPattern === 'string' ? EventPattern : JSON.stringify(EventPattern),
      state: properties.State, tags: properties.Tags,
    });
    rule.targets.clear();
    for (const target of Targets) rules.putTarget(rule, typed(target));
    return rule;
  };
  return {
    properties: ['Description', 'EventBusName', 'EventPattern', 'Name', 'RoleArn', 'ScheduleExpression', 'State', 'Tags', 'Targets'],
    createOnly: ['EventBusName', 'Name'],
    create: (request) => handle(put(request, request.properties.Name ?? request.generateName(64))),
    update: (request, { physicalId }) => handle(put(request, physicalId.slice(physicalId.indexOf('|') + 1))),
    delete: ({ properties }, { physicalId }) => {
      const name = physicalId.slice(physicalId.indexOf('|') + 1);
      state.bus(properties.EventBusName).rules.get(name)?.targets.clear();
      rules.delete(name, properties.EventBusName);
    },
  };
}

const TARGET_PROPERTIES = ['Arn', 'DeadLetterConfig', 'Id', 'Input', 'InputPath', 'InputTransformer', 'RetryPolicy', 'RoleArn'];

/** A template may hold numbers as text. */
function typed(target: Record<string, any>): Target {
  const unknown = Object.keys(target).filter((name) => !TARGET_PROPERTIES.includes(name));
  if (unknown.length > 0) throw new Error(`the twin does not implement ${unknown.join(', ')} of a rule's target; it implements ${TARGET_PROPERTIES.join(', ')}`);
  const { RetryPolicy } = target;
  if (RetryPolicy === undefined) return target as Target;
  return { ...target as Target, RetryPolicy: Object.fromEntries(Object.entries(RetryPolicy).map(([name, value]) => [name, Number(value)])) };
}

function busProvider(state: EventsState): ResourceProvider {
  const handle = ({ name, arn }: EventBus): ResourceHandle => ({ physicalId: name, attributes: { Arn: arn, Name: name, Policy: '' } });
  const settle = (bus: EventBus, { properties }: ResourceRequest): ResourceHandle => {
    Object.assign(bus, { description: properties.Description, tags: properties.Tags ?? [] });
    return handle(bus);
  };
  return {
    properties: ['Description', 'Name', 'Tags'],
    createOnly: ['Name'],
    create: (request) => settle(state.createBus(request.properties.Name), request),
    update: (request, { physicalId }) => settle(state.bus(physicalId), request),
    delete: (_request, { physicalId }) => { state.buses.delete(physicalId); },
  };
}

function busPolicyProvider(state: EventsState): ResourceProvider {
  const put = ({ properties: { EventBusName, StatementId, Statement } }: ResourceRequest): ResourceHandle => {
    const bus = state.bus(EventBusName);
    const statement = typeof Statement === 'string' ? JSON.parse(Statement) : Statement;
    bus.policy.set(StatementId, { Resource: bus.arn, ...statement, Sid: StatementId });
    return { physicalId: `${bus.name}|${StatementId}` };
  };
  return {
    properties: ['EventBusName', 'Statement', 'StatementId'],
    createOnly: ['EventBusName', 'StatementId'],
    create: put,
    update: put,
    delete: ({ properties: { EventBusName = 'default', StatementId } }) => { state.buses.get(EventBusName)?.policy.delete(StatementId); },
  };
}
