import type { World } from '../../world';
import { ActionFailure } from './actions/provider';
import type { Condition, RuleDeclaration } from './declaration';
import { patiently } from './patiently';
import { assume } from './roles';
import type { ConditionRun, Pipeline, PipelineExecution, RuleRun } from './state';
import { resolveConfiguration } from './variables';

/** Rule configuration values may be longer than those of actions. */
const MAX_RULE_VALUE = 10_000;
const MINUTE = 60_000;

interface RuleProvider {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Says why the rule does not hold; undefined if it does. */
  check(configuration: Readonly<Record<string, string>>, rule: RuleDeclaration, world: World, pipeline: Pipeline): Promise<string | undefined>;
}

const OPERATORS: Readonly<Record<string, (variable: string, value: string) => boolean>> = {
  EQ: (variable, value) => variable === value,
  NE: (variable, value) => variable !== value,
  CONTAINS: (variable, value) => variable.includes(value),
  MATCHES: (variable, value) => new RegExp(`^(?:${value})$`).test(variable),
};

const RULES: Readonly<Record<string, RuleProvider>> = {
  VariableCheck: {
    required: ['Variable', 'Value', 'Operator'], optional: [],
    check: ({ Variable: variable, Value: value, Operator: operator }) => {
      const compare = OPERATORS[operator!];
      if (compare === undefined) throw new ActionFailure('InvalidRuleConfiguration', `Operator is '${operator}', allowed are ${Object.keys(OPERATORS).join(', ')}`);
      return Promise.resolve(compare(variable!, value!) ? undefined : `'${variable}' ${operator} '${value}' does not hold`);
    },
  },
  CloudWatchAlarm: {
    required: ['AlarmName'], optional: ['AlarmStates', 'WaitTime'],
    check: async ({ AlarmName: name, AlarmStates: states = 'ALARM', WaitTime: wait = '0' }, rule, world, pipeline) => {
      const caller = await assume(world, pipeline, rule.roleArn, `${pipeline.name}-${rule.name}`);
      const unwanted = states.split(',').map((state) => state.trim());
      // In minutes; an alarm that goes off in the meantime counts.
      for (let left = Number(wait); ; left -= 1) {
        const { MetricAlarms = [], CompositeAlarms = [] } = await patiently(world, {
          service: 'monitoring', operation: 'DescribeAlarms', input: { AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }, caller,
        });
        const [alarm] = [...MetricAlarms, ...CompositeAlarms];
        if (alarm === undefined) throw new ActionFailure('InvalidRuleConfiguration', `there is no alarm '${name}'`);
        if (unwanted.includes(alarm.StateValue)) return `alarm ${name} is in state ${alarm.StateValue}: ${alarm.StateReason}`;
        if (left <= 0) return undefined;
        await world.clock.sleep(MINUTE, 'pipeline rule');
      }
    },
  },
};

export function checkCondition(condition: Condition, path: string, faults: string[]): void {
  condition.rules.forEach((rule, index) => {
    const at = `${path}.Rules[${index}]`;
    const { category, owner, provider: name, version } = rule.ruleTypeId;
    const provider = RULES[name];
    if (provider === undefined || category !== 'Rule' || (owner ?? 'AWS') !== 'AWS' || (version ?? '1') !== '1') {
      faults.push(`${at}.RuleTypeId: ${category}/${owner}/${name}/${version} is not implemented by the twin, which has ${Object.keys(RULES).map((one) => `Rule/AWS/${one}/1`).join(', ')}`);
      return;
    }
    for (const key of provider.required.filter((one) => !(one in rule.configuration))) faults.push(`${at}.Configuration lacks ${key}`);
    for (const key of Object.keys(rule.configuration)) {
      if (![...provider.required, ...provider.optional].includes(key)) faults.push(`${at}.Configuration.${key} is not implemented by the twin for ${name}`);
    }
    const operator = rule.configuration.Operator;
    if (name === 'VariableCheck' && operator !== undefined && !(operator in OPERATORS)) faults.push(`${at}.Configuration.Operator is '${operator}', allowed are ${Object.keys(OPERATORS).join(', ')}`);
  });
}

/** A condition is met if all its rules hold. */
export async function evaluate(condition: Condition, world: World, pipeline: Pipeline, execution: PipelineExecution): Promise<ConditionRun> {
  const rules: RuleRun[] = [];
  for (const rule of condition.rules) {
    let why: string | undefined;
    try {
      why = await RULES[rule.ruleTypeId.provider]!.check(resolveConfiguration(rule.configuration, execution, MAX_RULE_VALUE), rule, world, pipeline);
    } catch (error) {
      why = (error as Error).message;
    }
    rules.push({
      id: world.random.uuid(), name: rule.name, lastStatusChange: world.clock.date(),
      status: why === undefined ? 'Succeeded' : 'Failed', summary: why ?? 'the rule holds',
    });
  }
  const failed = rules.filter(({ status }) => status === 'Failed');
  return {
    executionId: execution.id, at: world.clock.date(), rules,
    status: failed.length === 0 ? 'Succeeded' : 'Failed',
    summary: failed.map(({ name, summary }) => `rule ${name}: ${summary}`).join('; '),
  };
}
