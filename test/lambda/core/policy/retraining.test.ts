import { asStarted, decideRetraining, DEFAULT_RETRAINING_POLICY, RetrainingCircumstances } from '../../../../lambda/core';

const now = new Date('2026-02-10T12:00:00Z');
const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
const decide = (circumstances: Partial<RetrainingCircumstances> = {}) => decideRetraining({
  now, alarm: 'ALARM', alarmSince: ago(1), state: { starts: [] }, running: false, freshRows: 5000, policy: DEFAULT_RETRAINING_POLICY, ...circumstances,
});

test('an alarm with fresh data starts a retraining and remembers it', () => {
  expect(decide()).toEqual({
    action: 'start',
    reason: 'the drift alarm is in ALARM since 2026-02-10T11:00:00.000Z, 5000 fresh labelled rows',
    state: { starts: [now.toISOString()], answered: ago(1).toISOString() },
  });
});

test.each(['OK', 'INSUFFICIENT_DATA'] as const)('nothing happens while the alarm is %s', (alarm) => {
  expect(decide({ alarm })).toMatchObject({ action: 'none', reason: `the drift alarm is ${alarm}` });
});

test.each<[string, Partial<RetrainingCircumstances>, string]>([
  ['a training runs', { running: true }, 'a training run is already under way'],
  ['a candidate waits', { candidatePending: true }, 'a trained candidate is waiting to be approved or released'],
  ['too little is fresh', { freshRows: 999 }, '999 fresh labelled rows, at least 1000 are needed'],
])('waits an hour while %s', (_, circumstances, reason) => {
  const decision = decide(circumstances);
  expect(decision).toMatchObject({ action: 'wait', reason: expect.stringContaining(reason), retryAt: new Date(now.getTime() + 3_600_000), state: { starts: [] } });
});

test('waits out the cool-down to the second', () => {
  const start = ago(23);
  expect(decide({ state: { starts: [start.toISOString()] } })).toMatchObject({
    action: 'wait', reason: expect.stringContaining('the cool-down of 1 d ends at 2026-02-10T13:00:00.000Z'), retryAt: new Date('2026-02-10T13:00:00Z'),
  });
  expect(decide({ state: { starts: [ago(24).toISOString()] } }).action).toBe('start');
});

test('an alarm that never left ALARM is tried again after the cool-down, and says so', () => {
  const since = ago(48);
  expect(decide({ alarmSince: since, state: { starts: [ago(30).toISOString()], answered: since.toISOString() } })).toMatchObject({
    action: 'start', reason: expect.stringContaining('never left ALARM since'),
  });
});

test('keeps to the budget, and forgets starts older than it', () => {
  const starts = [40, 20, 15, 10, 5].map((days) => ago(days * 24).toISOString());
  const decision = decide({ state: { starts } });
  expect(decision).toMatchObject({ action: 'wait', reason: expect.stringContaining('the budget of 4 retrainings in 30 d is used up'), state: { starts: starts.slice(1) } });
  expect(decision.retryAt).toEqual(new Date(ago(20 * 24).getTime() + 30 * 86_400_000));
  expect(decide({ state: { starts: starts.slice(0, 4) } }).action).toBe('start');
});

test('called twice, the second call waits', () => {
  const first = decide();
  expect(decide({ state: first.state }).action).toBe('wait');
});

test('the cool-down counts from the start itself, however long after the decision it was made', () => {
  const state = { starts: ['2026-01-01T00:00:00.000Z', '2026-02-01T10:00:00.000Z'], answered: '2026-02-01T09:00:00.000Z' };
  expect(asStarted(state, new Date('2026-02-01T10:50:00Z'))).toEqual({ ...state, starts: ['2026-01-01T00:00:00.000Z', '2026-02-01T10:50:00.000Z'] });
});
