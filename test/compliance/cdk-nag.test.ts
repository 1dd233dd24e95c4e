import { readFileSync } from 'fs';
import { join } from 'path';
import { Validations, type IPolicyValidationPlugin } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { ApprovalPolicy, MlopsStack } from '../../lib';
import { SMALLEST, testApp } from '../lib/fixtures';
import { ACKNOWLEDGED, type Acknowledgement } from './acknowledged';

interface Finding {
  readonly rule: string;
  readonly detail: string;
  readonly path: string;
}

/** Everything that the packs find in the loop. A synthesis with findings throws, after it has written its report. */
function findings(): Finding[] {
  const app = testApp();
  new MlopsStack(app, 'Mlops', { ...SMALLEST, approval: ApprovalPolicy.automatic() });
  const packs = [new AwsSolutionsChecks(), new NIST80053R5Checks(), new HIPAASecurityChecks(), new PCIDSS321Checks()];
  Validations.of(app).addPlugins(...packs as unknown as IPolicyValidationPlugin[]);
  expect(() => app.synth()).toThrow(/Acknowledge with/);
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  expect(pluginReports).toHaveLength(packs.length);
  return pluginReports.flatMap(({ violations }: any) => violations.flatMap(({ ruleName, violatingConstructs }: any) => {
    const [, rule, detail] = /^[A-Za-z0-9.]+-([A-Za-z0-9]+)(?:\[(.*)\])?$/.exec(ruleName)!;
    return violatingConstructs.map(({ constructPath }: any) => ({ rule, detail: detail ?? '', path: constructPath }));
  }));
}

const covers = ({ rules, at, finding }: Acknowledgement, found: Finding) =>
  rules.includes(found.rule) && at.test(found.path) && (finding === undefined || finding.test(found.detail));

test('every finding of the packs is acknowledged with a reason, and every acknowledgement is needed', () => {
  const found = findings();
  expect(found.filter((finding) => !ACKNOWLEDGED.some((entry) => covers(entry, finding)))).toEqual([]);
  expect(ACKNOWLEDGED.filter((entry) => !found.some((finding) => covers(entry, finding)))).toEqual([]);
}, 180_000);
