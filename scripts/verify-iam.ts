/**
 * Exact permissions: plays the loop on the twin and compares what was asked for with what the template allows.
 *
 *     npm run verify:iam [-- --json]
 *     npm run verify:iam -- --mutate 40 --seed 1    what is taken out of the policies is noticed
 */
import { parseArgs } from 'node:util';
import { Random } from '../twin';
import { draw, mutationsOf, type Mutation } from './iam/mutations';
import { play } from './iam/scenario';
import { missing, stale, unexplained, type Entry, type Evidence } from './iam/verification';

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, mutate: { type: 'string' }, seed: { type: 'string', default: '1' } } });
  const count = values.mutate === 'all' ? Infinity : Number(values.mutate ?? 0);
  if (Number.isNaN(count) || !Number.isInteger(Number(values.seed))) {
    console.error('usage: npm run verify:iam -- [--json] [--mutate N|all] [--seed N]');
    return 2;
  }
  const { evidence } = await play((line) => { if (!values.json) console.log(`  ${line}`); });
  return values.mutate === undefined ? verify(evidence, values.json) : mutate(evidence, count, Number(values.seed), values.json);
}

async function verify(evidence: Evidence, json: boolean): Promise<number> {
  const report = { missing: missing(evidence), unexplained: await unexplained(evidence) };
  const outdated = await stale(evidence);
  if (json) console.log(JSON.stringify(report, null, 2));
  else {
    for (const [title, entries] of Object.entries(report)) show(title, entries);
    console.log(`${evidence.allowed.length.toLocaleString('en')} different questions were asked of ${evidence.grants.length} statements`);
  }
  for (const { role, action } of outdated) console.error(`scripts/iam/explained.json explains ${action} of ${role}, which is not there or is used; remove it`);
  return report.missing.length + report.unexplained.length + outdated.length === 0 ? 0 : 1;
}

function show(title: string, entries: readonly Entry[]): void {
  console.log(`${title} ${entries.length}`);
  for (const { role, action, resource, condition } of entries) console.log(`  ${role}: ${action} on ${resource}${condition === undefined ? '' : ` if ${condition}`}`);
}

async function mutate(evidence: Evidence, count: number, seed: number, json: boolean): Promise<number> {
  const drawn = draw(evidence.grants.flatMap(mutationsOf), count, new Random(seed));
  const unnoticed: Mutation[] = [];
  for (const mutation of drawn) if (!(await mutation.noticed(evidence))) unnoticed.push(mutation);
  const told = unnoticed.map(({ removed, detail, change: { grant } }) => ({ role: grant.owner, policy: grant.kind, removed, detail }));
  if (json) console.log(JSON.stringify({ removed: drawn.length, unnoticed: told }, null, 2));
  else {
    for (const { role, policy, removed, detail } of told) console.log(`  not noticed: ${removed} of ${role} (${policy}): ${detail}`);
    console.log(`${drawn.length} removed one at a time, ${drawn.length - told.length} noticed, ${told.length} not`);
  }
  return told.length === 0 ? 0 : 1;
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
