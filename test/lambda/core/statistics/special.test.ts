import { chiSquaredQuantile, logChiSquaredSf, logGamma, logKolmogorovSf, logNormalSf } from '../../../../lambda/core/statistics/special';

const close = (actual: number, expected: number, relative = 1e-13) => expect(Math.abs(actual / expected - 1)).toBeLessThan(relative);

// Expected values: scipy 1.17 (chi2.sf, kstwobign.sf, norm.logsf) and, where those underflow, mpmath with 50 digits.
test.each([
  [2.7777777777777777, 2, 0.24935220877729622],
  [3.1746031746031744, 5, 0.6730876006966301],
  [100, 9, 1.5735176303753876e-17],
])('chi-squared: P(X > %d) with %d degrees of freedom', (x, degrees, p) => {
  close(Math.exp(logChiSquaredSf(x, degrees)), p, 1e-9);
});

test('chi-squared tail stays finite where the probability itself is 0', () => {
  const logP = logChiSquaredSf(5000, 19);
  close(logP, -2445.181537903577);
  expect(Math.exp(logP)).toBe(0);
  expect(logP).toBeLessThan(-2400);
  expect(logChiSquaredSf(5001, 19)).toBeLessThan(logP);
});

test.each([[1, 0.26999967167735456], [1.5, 0.022217962616525127]])('kolmogorov: P(K > %d)', (x, p) => {
  close(Math.exp(logKolmogorovSf(x)), p);
});

test('kolmogorov: the two series meet', () => {
  close(logKolmogorovSf(1.18 - 1e-12), logKolmogorovSf(1.18 + 1e-12), 1e-9);
});

test.each([[0, Math.log(0.5)], [1.959963984540054, Math.log(0.025)], [-1, Math.log(0.8413447460685429)], [40, -804.6084420137538]])(
  'normal: ln P(Z > %d)', (z, logP) => close(logNormalSf(z), logP),
);

test('gamma function at integers and halves', () => {
  close(Math.exp(logGamma(6)), 120);
  close(Math.exp(logGamma(0.5)), Math.sqrt(Math.PI));
});

test('chi-squared quantile inverts the survival function', () => {
  close(chiSquaredQuantile(0.001, 9), 27.877164871256568, 1e-9);
  close(Math.exp(logChiSquaredSf(chiSquaredQuantile(1e-12, 30), 30)), 1e-12, 1e-6);
});
