import { parseTime } from '../../../../lambda/core';

const TIME = Date.UTC(2026, 10, 26, 12, 30, 15, 250);

test.each([
  ['ISO 8601', '2026-11-26T12:30:15.250Z'], ['with a zone', '2026-11-26T14:30:15.250+02:00'], ['without a zone', '2026-11-26 12:30:15.250'],
  ['seconds', '1795696215.25'], ['milliseconds', '1795696215250'], ['microseconds', '1795696215250000'], ['nanoseconds', '1795696215250000000'], ['spaces around it', ' 1795696215250 '],
])('%s', (_, text) => { expect(parseTime(text)).toBe(TIME); });

test.each(['', ' ', 'yesterday', '2026-13-01', '12:30', '-5', '1e12', 'NaN', '9'.repeat(25), '99999999999999999999999'])('%p is no time', (text) => {
  expect(parseTime(text)).toBeUndefined();
});

test('every time that is read is one that a date can be made of', () => {
  for (let digits = 1; digits <= 30; digits++) {
    for (const digit of ['1', '9']) {
      const time = parseTime(digit.repeat(digits));
      if (time !== undefined) expect(new Date(time).toISOString()).toMatch(/^[+\d]/);
    }
  }
});
