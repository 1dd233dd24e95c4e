import { parseDuration } from '../../../../lambda/data/dataset/duration';
import { chooseWindow, countRows } from '../../../../lambda/data/dataset/window';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.UTC(2001, 0, 1);
/** Ten rows in every hour of `days` days. */
const rows = (days: number) => new Map(Array.from({ length: days * 24 }, (_, hour) => [start + hour * HOUR, 10]));

describe('parseDuration', () => {
  test.each([['P10D', 10 * DAY], ['PT24H', DAY], ['P1W', 7 * DAY], ['P1DT2H3M4S', DAY + 2 * HOUR + 184_000]])('%s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(['', 'P', 'PT', '10D', 'P1M', 'P1Y', 'P-1D', 'default'])('refuses %p and says what to write', (text) => {
    expect(() => parseDuration(text)).toThrow(`'${text}' is not an ISO 8601 duration`);
  });
});

describe('chooseWindow', () => {
  const request = { dataset: 'flights', rows: rows(31), trainingWindow: 10 * DAY, holdout: DAY, championTrainedUntil: undefined, minimumHoldoutRows: 1 };

  test('holds out the newest day and trains on the days before it', () => {
    expect(chooseWindow(request)).toEqual({
      trainFrom: start + 20 * DAY, holdoutFrom: start + 30 * DAY, holdoutUntil: start + 31 * DAY, trainRows: 2400, holdoutRows: 240,
    });
  });

  test('takes as many hours as there are: thirty years', () => {
    expect(chooseWindow({ ...request, rows: rows(30 * 365) })).toMatchObject({ holdoutUntil: start + 30 * 365 * DAY, trainRows: 2400, holdoutRows: 240 });
  });

  test('begins the hold-out no earlier than the end of the champion\'s training', () => {
    const window = chooseWindow({ ...request, championTrainedUntil: start + 30.5 * DAY });
    expect(window.holdoutFrom).toBe(start + 30.5 * DAY);
    expect(window.holdoutRows).toBe(120);
  });

  test('a champion trained on older data leaves the hold-out as it is', () => {
    expect(chooseWindow({ ...request, championTrainedUntil: start + 12 * DAY })).toEqual(chooseWindow(request));
  });

  test('refuses data that the champion has already seen', () => {
    expect(() => chooseWindow({ ...request, championTrainedUntil: start + 31 * DAY })).toThrow(/not later than the champion's training.*add newer labelled rows/);
  });

  test('refuses data that all fall into the hold-out', () => {
    expect(() => chooseWindow({ ...request, rows: rows(1) })).toThrow(/all fall into the hold-out of 24 hours.*shorten the hold-out/);
  });

  test('refuses a dataset without a label', () => {
    expect(() => chooseWindow({ ...request, rows: new Map() })).toThrow('no row has a label');
  });
});

test('countRows counts hours from the first up to, not including, the last', () => {
  expect(countRows(rows(1), start + HOUR, start + 3 * HOUR)).toBe(20);
  expect(countRows(rows(1), start, Infinity)).toBe(240);
});
