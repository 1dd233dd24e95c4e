import { setTimeout as delay } from 'node:timers/promises';
import { readOptions } from '../../scripts/acceptance/options';
import { Log } from '../../scripts/acceptance/log';
import { main, play } from '../../scripts/acceptance/main';
import { costs, MINUTES, quotas, STEPS } from '../../scripts/acceptance/plan';
import { checkQuotas, reportQuotas } from '../../scripts/acceptance/quota-check';
import type { Cloud } from '../../scripts/acceptance/cloud';
import type { Run, Step } from '../../scripts/acceptance/run';
import { Interrupted, Tempo } from '../../scripts/acceptance/tempo';

const printed: string[] = [];
beforeEach(() => {
  printed.splice(0);
  jest.spyOn(console, 'log').mockImplementation((line: string) => { printed.push(line); });
  jest.spyOn(console, 'error').mockImplementation((line: string) => { printed.push(line); });
});
afterEach(() => jest.restoreAllMocks());

describe('a dry run', () => {
  test('prints plan, time, cost and quotas, without credentials or a call', async () => {
    const fetched = jest.spyOn(globalThis, 'fetch');
    expect(await main(['--dry-run', '--profile', 'there-is-no-such-profile'])).toBe(0);
    const text = printed.join('\n');
    for (const { name, expects } of STEPS) expect(text).toMatch(new RegExp(`${name} +\\d+ min  ${expects.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
    expect(text).toContain(`time: about ${(MINUTES / 60).toFixed(1)} hours`);
    for (const { name, needed } of quotas('ml.m5.large')) expect(text).toContain(`${needed}  sagemaker: ${name}`.replace(/sagemaker(?=: (Conc))/, name.includes('builds') ? 'codebuild' : 'lambda'));
    const total = costs('ml.m5.large').reduce((sum, { dollars = 0 }) => sum + dollars, 0);
    expect(text).toContain(`${total.toFixed(2).padStart(5)}  in all`);
    expect(total).toBeLessThan(10);
    expect(fetched).not.toHaveBeenCalled();
  });

  test('says so where a price is not known', async () => {
    await main(['--dry-run', '--instance-type', 'ml.x99.large']);
    expect(printed.join('\n')).toContain('the price of ml.x99.large is not known here');
  });
});

test.each([
  [['--region', 'us-east-1'], '--region is for an account; give its --profile too'],
  [['--clean-up', 'abc123'], '--clean-up is for an account'],
  [['--clean-up', 'all', '--profile', 'p'], '--clean-up is \'all\'; give the six letters and digits'],
  [['--instance-type', 'm5.large'], '--instance-type is \'m5.large\'; give a type like ml.m5.large'],
  [['--seed', 'x'], '--seed is \'x\'; give a whole number'],
  [['--everything'], 'Unknown option \'--everything\''],
])('options %p are refused', async (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
  expect(await main(args)).toBe(2);
  expect(printed.join('\n')).toContain('usage: npm run acceptance');
});

describe('the steps', () => {
  const step = (name: string, run: Step['run']): Step => ({ name, expects: 'something', minutes: 1, run });

  test('end with the first that does not hold, which is named with what was expected and seen', async () => {
    const log = new Log((line) => printed.push(line));
    const results = await play({} as Run, [
      step('one', async () => log.expect('an apple', true, 'an apple')), step('two', async () => log.expect('a pear', false, 'a plum')), step('three', async () => undefined),
    ]);
    expect(results).toMatchObject([{ name: 'one', ok: true }, { name: 'two', ok: false, reason: expect.stringContaining('expected: a pear; saw: a plum') }]);
    expect(printed).toEqual(expect.arrayContaining(['   expected: an apple\n   saw:      an apple', expect.stringMatching(/^ok one/), expect.stringMatching(/^NOT OK two: /)]));
  });

  test('an interrupt is no failure of the step', async () => {
    expect(await play({} as Run, [step('one', async () => { throw new Interrupted('interrupted'); })])).toMatchObject([{ name: 'one', ok: false, reason: 'interrupted' }]);
  });
});

describe('quotas', () => {
  const cloud = (values: Record<string, number>, defaults: Record<string, number> = {}) => ({
    list: async (_service: string, operation: string) => Object.entries(operation === 'ListServiceQuotas' ? values : defaults)
      .map(([QuotaName, Value]) => ({ QuotaName, Value, QuotaCode: 'L-1' })),
  }) as unknown as Cloud;
  const enough = Object.fromEntries(quotas('ml.m5.large').map(({ name, needed }) => [name, needed]));
  const check = async (from: Cloud) => reportQuotas((line) => printed.push(line), await checkQuotas(from, 'ml.m5.large'));

  test('that suffice are told', async () => {
    expect(await check(cloud(enough))).toBe(true);
    expect(printed.every((line) => line.endsWith(', enough'))).toBe(true);
  });

  test('that are too small are told with the command that asks for more', async () => {
    const name = 'ml.m5.large for transform job usage';
    expect(await check(cloud({ ...enough, [name]: 0 }))).toBe(false);
    expect(printed).toContainEqual(expect.stringMatching(/transform job usage: 0, too small; ask for more: aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code L-1 --desired-value 1$/));
  });

  test('that were never changed have AWS\'s default', async () => {
    const { [`ml.m5.large for endpoint usage`]: endpoint, ...applied } = enough;
    expect(await check(cloud(applied, { 'ml.m5.large for endpoint usage': endpoint! - 1 }))).toBe(false);
  });

  test('that cannot be asked for are no reason not to run', async () => {
    const refusing = { list: async () => { throw new Error('not authorized'); } } as unknown as Cloud;
    expect(await check(refusing)).toBe(true);
    expect(printed).toEqual(['  quotas could not be asked for: not authorized']);
  });
});

describe('time', () => {
  test('passes as fast as the account\'s', async () => {
    const begun = performance.now();
    await new Tempo(600, new AbortController().signal).sleep(60);
    expect(performance.now() - begun).toBeGreaterThan(90);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test('an interrupt ends a sleep and a wait at once', async () => {
    const controller = new AbortController();
    const tempo = new Tempo(1, controller.signal);
    const waiting = [tempo.sleep(3_600), tempo.until('nothing', async () => false, { minutes: 60 })];
    for (const each of waiting) each.catch(() => undefined);
    await delay(10);
    controller.abort();
    for (const each of waiting) await expect(each).rejects.toThrow(Interrupted);
    await expect(tempo.until('something', async () => true, { minutes: 1 })).rejects.toThrow(Interrupted);
  });
});
