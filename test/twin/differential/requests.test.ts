import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { Models } from '../../../twin/http';
import { checkRequest } from '../../../twin/http/request-check';
import { AwsError } from '../../../twin/service';
import { ACCEPTED } from './accepted-requests';
import { describeWith, scriptAt } from './python';

/* The twin's check of requests against botocore's validator and the constraints of botocore's models, on generated inputs. */

interface Case {
  readonly service: string;
  readonly operation: string;
  /** What was done to a good input. */
  readonly change: string;
  readonly input: unknown;
  /** Empty if botocore has nothing against it. */
  readonly fault: string;
}

const EACH = 45;
const FOLDER = path.resolve(__dirname, '../../../twin/models');

function operations(): Record<string, string[]> {
  const files = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as { service: string; operations: Record<string, unknown> });
  return Object.fromEntries(files.map((file) => [file.service, Object.keys(file.operations)]));
}

function casesOf(asked: object): Case[] {
  const { stdout, stderr, status } = spawnSync('python3', [scriptAt('generate_inputs.py')], { input: JSON.stringify(asked), encoding: 'utf8', maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line, (_, value) => {
    if (value?.$time !== undefined) return new Date(value.$time as string);
    return value?.$bytes !== undefined ? Buffer.from(value.$bytes as string, 'base64') : value;
  }) as Case);
}

function faultOf(models: ReadonlyMap<string, ReturnType<Models['all']>[number]>, { service, operation, input }: Case): string {
  try {
    checkRequest(models.get(service)!.operations.get(operation)!, input);
    return '';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return error.message;
  }
}

describeWith(['botocore'], 'requests checked by the twin and by botocore', () => {
  test('have the same verdict', () => {
    const asked = operations();
    const models = new Map(Models.load().all().map((model) => [model.name, model]));
    const cases = casesOf({ seed: 1, each: EACH, operations: asked });
    const accepted = ACCEPTED.map((difference) => ({ ...difference, count: 0 }));
    const unexplained: object[] = [];
    let refused = 0;
    for (const each of cases) {
      const fault = faultOf(models, each);
      if (each.fault !== '') refused++;
      if ((fault === '') === (each.fault === '')) continue;
      const known = accepted.find(({ applies }) => applies({ service: each.service, operation: each.operation, twin: fault, botocore: each.fault }));
      if (known !== undefined) known.count++;
      else unexplained.push({ call: `${each.service} ${each.operation}`, change: each.change, twin: fault, botocore: each.fault, input: JSON.stringify(each.input).slice(0, 400) });
    }
    process.stdout.write(`differential: ${cases.length} requests of ${Object.values(asked).flat().length} operations compared with botocore, ${refused} of them bad, `
      + `${accepted.reduce((sum, { count }) => sum + count, 0)} accepted differences of ${accepted.length} kinds\n`);
    expect(unexplained).toEqual([]);
    expect(accepted.filter(({ count }) => count === 0).map(({ reason }) => reason)).toEqual([]);
    expect(refused).toBeGreaterThan(cases.length / 4);
    expect(refused).toBeLessThan(cases.length * 3 / 4);
  }, 120_000);
});
