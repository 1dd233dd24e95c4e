import { readFileSync } from 'fs';
import { join } from 'path';
import { Validations, type App, type IPolicyValidationPlugin } from 'aws-cdk-lib';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { testApp } from '../lib/fixtures';
import type { Acknowledgement } from './acknowledged';

export interface Finding {
  /** As cdk-nag names it, the pack in front and the detail in brackets. */
  readonly id: string;
  readonly rule: string;
  readonly detail: string;
  readonly path: string;
}

/** Puts what is to be looked at into an app. */
export type Build = (app: App) => void;

function appWithPacks(build: Build): App {
  const app = testApp();
  build(app);
  const packs = [new AwsSolutionsChecks(), new NIST80053R5Checks(), new HIPAASecurityChecks(), new PCIDSS321Checks()];
  Validations.of(app).addPlugins(...packs as unknown as IPolicyValidationPlugin[]);
  return app;
}

/** Everything that the four packs find. A synthesis with findings throws, after it has written its report. */
export function findingsOf(build: Build): Finding[] {
  const app = appWithPacks(build);
  expect(() => app.synth()).toThrow(/Acknowledge with/);
  const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  expect(pluginReports).toHaveLength(4);
  return pluginReports.flatMap(({ violations }: any) => violations.flatMap(({ ruleName, violatingConstructs }: any) => {
    const [, rule, detail] = /^[A-Za-z0-9.]+-([A-Za-z0-9]+)(?:\[(.*)\])?$/.exec(ruleName)!;
    return violatingConstructs.map(({ constructPath }: any) => ({ id: ruleName, rule, detail: detail ?? '', path: constructPath }));
  }));
}

export const covers = ({ rules, at, finding }: Acknowledgement, found: Finding): boolean =>
  rules.includes(found.rule) && at.test(found.path) && (finding === undefined || finding.test(found.detail));

/** Acknowledges each finding, with its reason, where it is made; the packs themselves then have nothing left to say. */
export function synthesizeAcknowledged(build: Build, found: readonly Finding[], acknowledged: readonly Acknowledgement[]): void {
  const app = appWithPacks(build);
  for (const finding of found) {
    const { reason } = acknowledged.find((entry) => covers(entry, finding))!;
    const construct = finding.path.split('/').reduce((node, id) => node.node.findChild(id), app as any);
    Validations.of(construct).acknowledge({ id: finding.id, reason });
  }
  app.synth();
}
