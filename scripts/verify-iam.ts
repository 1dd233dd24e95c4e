/**
 * Exact permissions: plays the loop on the twin and compares what was asked for with what the template allows.
 *
 *     npm run verify:iam [-- --json]
 *     npm run verify:iam -- --mutate 40 --seed 1    what is taken out of the policies is noticed
 */
import { parseArgs } from 'node:util';
import { Random } from '../twin';
import { compareRights, summaryOf } from './iam/caller-rights';
import { draw, mutationsOf, type Mutation } from './iam/mutations';
import { play, type Played } from './iam/scenario';
import { missing, stale, unexplained, type Entry, type Evidence } from './iam/verification';

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, mutate: { type: 'string' }, seed: { type: 'string', default: '1' } } });
  const count = values.mutate === 'all' ? Infinity : Number(values.mutate ?? 0);
  if (Number.isNaN(count) || !Number.isInteger(Number(values.seed))) {
    console.error('usage: npm run verify:iam -- [--json] [--mutate N|all] [--seed N]');
    return 2;
  }
  const played = await play((line) => { if (!values.json) console.log(`  ${line}`); });
  return values.mutate === undefined ? verify(played, values.json) : mutate(played.evidence, count, Number(values.seed), values.json);
}

async function verify({ evidence, uses }: Played, json: boolean): Promise<number> {
  const rights = await compareRights(uses, evidence.grants);
  const withheld = rights.unexplained.map(({ role, permission: action, operation }): Entry => ({ role, action, resource: operation }));
  const report = { missing: missing(evidence), unexplained: await unexplained(evidence), 'published for a call, not held and not explained': withheld };
  const outdated = await stale(evidence);
  if (json) console.log(JSON.stringify(report, null, 2));
  else {
    for (const [title, entries] of Object.entries(report)) show(title, entries);
    console.log(`${evidence.allowed.length.toLocaleString('en')} different questions were asked of ${evidence.grants.length} statements`);
  }
  if (!json) console.log(summaryOf(rights));
  for (const { operation, permission } of rights.stale) console.error(`scripts/iam/caller-differences.json explains ${permission} of ${operation}, which is held or not published; remove it`);
  for (const operation of rights.unknown) console.error(`test/compliance/caller-permissions.json does not know ${operation}; look up what AWS publishes of it`);
  for (const { role, action } of outdated) console.error(`scripts/iam/explained.json explains ${action} of ${role}, which is not there or is used; remove it`);
  return [...Object.values(report), outdated, rights.stale, rights.unknown].every(({ length }) => length === 0) ? 0 : 1;
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
