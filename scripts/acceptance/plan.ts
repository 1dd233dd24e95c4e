import type { Step } from './run';
import { badRelease } from './steps/bad-release';
import { bootstrap, deploy } from './steps/deploy';
import { destroy } from './steps/destroy';
import { drift, retraining } from './steps/drift';
import { firstModel, release } from './steps/first-model';
import { settings } from './steps/settings';
import { questions } from './questions';

/** The story, in its order. */
export const STEPS: readonly Step[] = [bootstrap, deploy, firstModel, release, badRelease, drift, retraining, settings, questions, destroy];

/** Minutes on AWS, from the first step to the last. */
export const MINUTES = STEPS.reduce((sum, { minutes }) => sum + minutes, 0);

/** Steps during which an endpoint stands: of two instances, at last of three. Four releases and a question double it for half an hour each. */
const SERVING = ['release', 'bad-release', 'drift', 'retraining', 'settings', 'questions'];
const DOUBLED_HOURS = 5 * 0.5;

/** US East list prices in dollars, 2026. */
const PRICES: Readonly<Record<string, number>> = { 'ml.m5.large': 0.115, 'ml.t2.medium': 0.056, 'ml.m5.xlarge': 0.23, 'ml.c5.large': 0.102 };

export interface Cost {
  readonly what: string;
  /** Undefined where the price is not known here. */
  readonly dollars?: number;
}

export function costs(instanceType: string): Cost[] {
  const hours = STEPS.filter(({ name }) => SERVING.includes(name)).reduce((sum, { minutes }) => sum + minutes, 0) / 60;
  const instanceHours = 2 * hours + 3 * DOUBLED_HOURS + 2.5;
  const price = PRICES[instanceType];
  return [
    { what: `endpoint: two ${instanceType} for ${hours.toFixed(1)} h, then three, doubled five times: ${instanceHours.toFixed(0)} instance hours`, dollars: price === undefined ? undefined : instanceHours * price },
    { what: 'four training jobs, ml.m5.large, 10 minutes each (on demand, if there is no spot capacity)', dollars: 4 / 6 * 0.115 },
    { what: 'three evaluations, processing on ml.m5.large, 10 minutes each', dollars: 3 / 6 * 0.115 },
    { what: 'builds (CodeBuild), pipelines (V2, by action minutes), workflows, functions', dollars: 0.4 },
    { what: 'metrics, alarms, dashboard, key, requests and storage of a day', dollars: 0.6 },
  ];
}

export interface Quota {
  readonly service: 'sagemaker' | 'codebuild' | 'lambda';
  readonly code?: string;
  /** Name of the quota, as Service Quotas calls it. */
  readonly name: string;
  readonly needed: number;
  readonly why: string;
}

/** What a new account may have too little of. */
export function quotas(instanceType: string): Quota[] {
  return [
    { service: 'sagemaker', name: `${instanceType} for endpoint usage`, needed: 7, why: 'an update doubles three instances, and a question has one of its own' },
    { service: 'sagemaker', name: 'ml.m5.large for training job usage', needed: 2, why: 'if there is no spot capacity, and a question' },
    { service: 'sagemaker', name: 'ml.m5.large for spot training job usage', needed: 1, why: 'training' },
    { service: 'sagemaker', name: 'ml.m5.large for transform job usage', needed: 1, why: 'the answers to the hold-out' },
    { service: 'codebuild', name: 'Concurrently running builds for Linux/Small environment', needed: 1, why: 'the image is built there' },
    { service: 'lambda', name: 'Concurrent executions', needed: 10, why: 'the loop\'s functions' },
  ];
}

/** What the run does, costs and needs; before anything is done, and without credentials. */
export function printPlan(write: (line: string) => void, instanceType: string): void {
  write('plan (minutes on AWS)');
  let elapsed = 0;
  for (const { name, expects, minutes } of STEPS) {
    write(`  ${clock(elapsed)}  ${name.padEnd(12)} ${String(minutes).padStart(4)} min  ${expects}`);
    elapsed += minutes;
  }
  write(`time: about ${(MINUTES / 60).toFixed(1)} hours, of which more than three are spent until three hourly windows have drifted; on the twin about two minutes`);
  const items = costs(instanceType);
  write('cost (US East list prices of 2026, dollars)');
  for (const { what, dollars } of items) write(`  ${dollars === undefined ? '    ?' : dollars.toFixed(2).padStart(5)}  ${what}`);
  const total = items.reduce((sum, { dollars = 0 }) => sum + dollars, 0);
  write(`  ${total.toFixed(2).padStart(5)}  in all${items.some(({ dollars }) => dollars === undefined) ? `, and the endpoint: the price of ${instanceType} is not known here` : ''}`);
  write('quotas needed');
  for (const { service, name, needed, why } of quotas(instanceType)) write(`  ${String(needed).padStart(5)}  ${service}: ${name} (${why})`);
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2)}:${String(minutes % 60).padStart(2, '0')}`;
}
