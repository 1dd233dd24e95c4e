import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rollbackAlarms } from '../../lambda/serving/deployment/guardrails';
import { loopTemplate, resources } from './fixtures';

const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
/** Rows of tables: their cells. */
const rows = readme.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
const row = (start: string) => rows.find(([first]) => first!.startsWith(start))!;

describe('what the README says it costs', () => {
  const calculated = rows.filter(([, calculation, price]) => /^[\d.]+.*× \$/.test(calculation ?? '') && /^\$[\d.]+$/.test(price ?? ''));

  test('is what the calculations come to', () => {
    expect(calculated.length).toBeGreaterThanOrEqual(11);
    for (const [part, calculation, price] of calculated) {
      const product = calculation!.split('×').map((factor) => Number(/[\d.]+/.exec(factor)![0])).reduce((result, factor) => result * factor, 1);
      expect(`${part}: $${product.toFixed(2)}`).toBe(`${part}: ${price}`);
    }
  });

  test('counts the alarms of the stack and of a release', () => {
    const stage = { name: 'Production', endpointName: 'e', rollbackAlarms: { maximumErrorShare: 0.05, maximumLatencyMicroseconds: 1, periodSeconds: 60, evaluationPeriods: 3 } };
    const metrics = rollbackAlarms(stage as unknown as Parameters<typeof rollbackAlarms>[0], 'config', undefined).flatMap(({ Metrics = [] }) => Metrics.filter(({ MetricStat }) => MetricStat));
    const alarms = Object.keys(resources(loopTemplate(), 'AWS::CloudWatch::Alarm')).length;
    expect(row('alarms:')[0]).toBe(`alarms: ${alarms}, and ${metrics.length} metrics in those of the serving release`);
    expect(row('alarms:')[1]).toBe(`${alarms + metrics.length} × $0.10`);
  });
});

test('the README names the quotas of the instance types, build and functions that the stack uses', () => {
  const template = JSON.stringify(loopTemplate().toJSON());
  for (const instanceType of new Set(template.match(/ml\.[a-z0-9]+\.[a-z0-9]+/g))) {
    for (const use of ['spot training job', 'training job', 'processing job']) expect(row(`\`${instanceType} for ${use} usage\``)).toBeDefined();
  }
  const [{ Environment }] = Object.values(resources(loopTemplate(), 'AWS::CodeBuild::Project')).map(({ Properties }) => Properties) as [{ Environment: { ComputeType: string } }];
  expect(Environment.ComputeType).toBe('BUILD_GENERAL1_SMALL');
  expect(row('`Concurrently running builds for Linux/Small environment`')).toBeDefined();
});
