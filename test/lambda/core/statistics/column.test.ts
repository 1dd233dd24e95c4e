import { parseDecimal } from '../../../../lambda/core/statistics/column';

test('a decimal number is read in time that grows with its length, whatever follows the digits', () => {
  expect(parseDecimal(`${'9'.repeat(1e6)}x`)).toBeNaN();
  expect(parseDecimal(`${'9'.repeat(1e6)}.${'9'.repeat(1e6)}x`)).toBeNaN();
  expect(parseDecimal(`${'9'.repeat(1e6)}e`)).toBeNaN();
});

test.each([['1', 1], ['1.', 1], ['.5', 0.5], ['-1.5e3', -1500], ['+7E-1', 0.7], ['.', NaN], ['1e', NaN], ['1 ', NaN], ['--1', NaN], ['1e400', NaN]])('%s', (text, number) => {
  expect(parseDecimal(text)).toBe(number);
});
