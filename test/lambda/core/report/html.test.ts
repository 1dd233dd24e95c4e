import { Accumulator, evaluateWindow, renderReport } from '../../../../lambda/core';
import { baselineOf } from '../support';

async function page(value: string): Promise<string> {
  const baseline = await baselineOf(['x,"city <b>"', ...Array.from({ length: 2000 }, (_, i) => `${i % 100},${'abc'[i % 3]}`)].join('\n'));
  const accumulator = new Accumulator(baseline);
  for (let i = 0; i < 1000; i++) {
    const cell = accumulator.cellAt(i * 60_000);
    accumulator.add(0, i % 100, cell);
    accumulator.add(1, value, cell);
    accumulator.rows++;
  }
  const report = evaluateWindow({ baseline, accumulator, window: { start: new Date(0), end: new Date(86_400_000) } });
  return renderReport(report, baseline, accumulator);
}

test('shows the verdict, the worst column first, and both distributions', async () => {
  const html = await page('a');
  expect(html).toContain('<h1><span class="drift">drift</span> 1970-01-01T00:00:00.000Z to 1970-01-02T00:00:00.000Z</h1>');
  expect(html.indexOf('city &lt;b&gt;')).toBeLessThan(html.indexOf('</span> x <small>'));
  expect(html).toContain('<title>a: 33.4 % before, 100.0 % now</title>');
});

test('needs nothing from elsewhere, and escapes names', async () => {
  const html = await page('b');
  expect(html).not.toMatch(/<script|https?:|<link|city <b>/);
});
