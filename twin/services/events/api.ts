import { AwsError, type AuthorizationRequest, type Operation } from '../../service';
import type { World } from '../../world';
import { compilePattern } from './pattern';
import type { EventRouter } from './router';
import type { Rules } from './rules';
import type { EventBus, EventsState, Rule, Target } from './state';
import { forwarded } from './targets';

/* eslint-disable @typescript-eslint/no-explicit-any -- shapes of the service's model */

const MOST_ENTRY_BYTES = 1_048_576;

export function eventsOperations(world: World, state: EventsState, rules: Rules, router: EventRouter): Record<string, Operation> {
  const onRule = (action: string, run: (rule: Rule, input: any) => any, nameOf = (input: any): string => input.Name): Operation => ({
    authorize: (input) => [{ action: `events:${action}`, resource: state.ruleArn(nameOf(input), input.EventBusName) }],
    run: (input) => run(state.rule(nameOf(input), input.EventBusName), input) ?? {},
  });
  const ofRule = ({ Rule: name }: any): string => name;
  const onTagged = (action: string, run: (tagged: { tags: Rule['tags'] }, input: any) => any): Operation => ({
    authorize: ({ ResourceARN }) => [{ action: `events:${action}`, resource: ResourceARN }],
    run: (input) => {
      const tagged = state.ruleByArn(input.ResourceARN) ?? [...state.buses.values()].find(({ arn }) => arn === input.ResourceARN);
      if (tagged === undefined) throw new AwsError('ResourceNotFoundException', `${input.ResourceARN} does not exist.`);
      return run(tagged, input) ?? {};
    },
  });

  return {
    PutEvents: {
      authorize: ({ Entries }) => Entries.map((entry: any): AuthorizationRequest => ({
        action: 'events:PutEvents', resource: state.buses.get(busName(entry))?.arn ?? world.arn('events', `event-bus/${busName(entry)}`), resourcePolicy: state.policyOf(entry.EventBusName),
        context: { ...(entry.Source !== undefined && { 'events:source': entry.Source }), ...(entry.DetailType !== undefined && { 'events:detail-type': entry.DetailType }) },
      })),
      run: ({ Entries }) => {
        const results = Entries.map((entry: any) => putEvent(state, router, entry));
        return { Entries: results, FailedEntryCount: results.filter(({ ErrorCode }: any) => ErrorCode !== undefined).length };
      },
    },
    PutRule: {
      authorize: ({ Name, EventBusName, Tags, RoleArn }) => {
        const resource = state.ruleArn(Name, EventBusName);
        return [
          { action: 'events:PutRule', resource },
          ...(Tags === undefined ? [] : [{ action: 'events:TagResource', resource }]),
          ...(RoleArn === undefined ? [] : [passRole(RoleArn)]),
        ];
      },
      run: (input) => ({
        RuleArn: rules.put({
          name: input.Name, busName: input.EventBusName, description: input.Description, roleArn: input.RoleArn, pattern: input.EventPattern,
          scheduleExpression: input.ScheduleExpression, state: input.State, tags: input.Tags,
        }).arn,
      }),
    },
    DescribeRule: onRule('DescribeRule', (rule) => ({ ...described(rule), CreatedBy: world.account })),
    EnableRule: onRule('EnableRule', (rule) => rules.enable(rule)),
    DisableRule: onRule('DisableRule', (rule) => rules.disable(rule)),
    DeleteRule: {
      authorize: ({ Name, EventBusName }) => [{ action: 'events:DeleteRule', resource: state.ruleArn(Name, EventBusName) }],
      run: ({ Name, EventBusName }) => {
        rules.delete(Name, EventBusName);
        return {};
      },
    },
    ListRules: {
      authorize: () => [{ action: 'events:ListRules', resource: '*' }],
      run: ({ NamePrefix = '', EventBusName }) => ({
        Rules: [...state.bus(EventBusName).rules.values()].filter(({ name }) => name.startsWith(NamePrefix)).map(described),
      }),
    },
    ListRuleNamesByTarget: {
      authorize: () => [{ action: 'events:ListRuleNamesByTarget', resource: '*' }],
      run: ({ TargetArn, EventBusName }) => ({
        RuleNames: [...state.bus(EventBusName).rules.values()].filter(({ targets }) => [...targets.values()].some(({ Arn }) => Arn === TargetArn)).map(({ name }) => name),
      }),
    },
    PutTargets: {
      authorize: ({ Rule: name, EventBusName, Targets }) => [
        { action: 'events:PutTargets', resource: state.ruleArn(name, EventBusName), context: { 'events:TargetArn': Targets.map(({ Arn }: Target) => Arn) } },
        ...[...new Set<string>(Targets.flatMap(({ RoleArn }: Target) => RoleArn ?? []))].map(passRole),
      ],
      run: ({ Rule: name, EventBusName, Targets }) => {
        const rule = state.rule(name, EventBusName);
        for (const target of Targets) rules.putTarget(rule, target);
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
    },
    ListTargetsByRule: onRule('ListTargetsByRule', ({ targets }) => (targets.size === 0 ? {} : { Targets: [...targets.values()] }), ofRule),
    RemoveTargets: onRule('RemoveTargets', (rule, { Ids }) => {
      const FailedEntries = Ids.filter((id: string) => !rule.targets.delete(id))
        .map((TargetId: string) => ({ TargetId, ErrorCode: 'ResourceNotFoundException', ErrorMessage: `Target ${TargetId} does not exist.` }));
      return { FailedEntryCount: FailedEntries.length, FailedEntries };
    }, ofRule),
    DescribeEventBus: {
      authorize: ({ Name = 'default' }) => [{ action: 'events:DescribeEventBus', resource: state.buses.get(Name)?.arn ?? world.arn('events', `event-bus/${Name}`) }],
      run: ({ Name }) => {
        const { name, arn, description, createdAt } = state.bus(Name);
        const policy = state.policyOf(name);
        return { Name: name, Arn: arn, Description: description, CreationTime: createdAt, ...(policy !== undefined && { Policy: JSON.stringify(policy) }) };
      },
    },
    TestEventPattern: {
      authorize: () => [{ action: 'events:TestEventPattern', resource: '*' }],
      run: ({ EventPattern, Event }) => ({ Result: compilePattern(EventPattern)(JSON.parse(Event)) }),
    },
    ListTagsForResource: onTagged('ListTagsForResource', ({ tags }) => ({ Tags: tags })),
    TagResource: onTagged('TagResource', (tagged, { Tags }) => {
      tagged.tags = [...tagged.tags.filter(({ Key }) => !Tags.some((tag: any) => tag.Key === Key)), ...Tags];
    }),
    UntagResource: onTagged('UntagResource', (tagged, { TagKeys }) => { tagged.tags = tagged.tags.filter(({ Key }) => !TagKeys.includes(Key)); }),
  };
}

function passRole(RoleArn: string): AuthorizationRequest {
  return { action: 'iam:PassRole', resource: RoleArn, context: { 'iam:PassedToService': 'events.amazonaws.com' } };
}

function busName({ EventBusName = 'default' }: { EventBusName?: string }): string {
  return EventBusName.slice(EventBusName.lastIndexOf('/') + 1);
}

/** An entry that is not in order fails by itself; the others go on. */
function putEvent(state: EventsState, router: EventRouter, entry: any): any {
  const failed = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  let bus: EventBus;
  try {
    bus = state.bus(entry.EventBusName);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return failed(error.code, error.message);
  }
  const original = forwarded.get(entry);
  if (original !== undefined) {
    router.accept(original, bus);
    return { EventId: original.id };
  }
  for (const name of ['Source', 'DetailType', 'Detail']) {
    if (!entry[name]) return failed('InvalidArgument', `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  }
  if (entry.Source.startsWith('aws.')) return failed('NotAuthorizedForSourceException', 'Not authorized for the source.');
  let detail: unknown;
  try {
    detail = JSON.parse(entry.Detail);
  } catch {
    return failed('MalformedDetail', 'Detail is malformed.');
  }
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return failed('MalformedDetail', 'Detail is malformed.');
  if (Buffer.byteLength(entry.Source + entry.DetailType + entry.Detail) > MOST_ENTRY_BYTES) return failed('InvalidArgument', 'Total size of the entry is bigger than 1MB.');
  const event = router.complete({ source: entry.Source, 'detail-type': entry.DetailType, detail: detail as Record<string, unknown>, resources: entry.Resources ?? [] }, entry.Time);
  router.accept(event, bus);
  return { EventId: event.id };
}

function described(rule: Rule): any {
  return {
    Name: rule.name, Arn: rule.arn, EventBusName: rule.busName, State: rule.enabled ? 'ENABLED' : 'DISABLED', EventPattern: rule.pattern,
    ScheduleExpression: rule.scheduleExpression, Description: rule.description, RoleArn: rule.roleArn,
  };
}
