import { figureBounds, judgeQuality, windowQuality, type JoinedRow, type JudgedFigure } from '../../../../lambda/core';
import { Random } from '../../../../twin';

/** So many answers that are right, and wrong. */
const answered = (right: number, wrong: number) => [
  ...Array.from({ length: right }, (_, i) => ({ score: i % 2, label: i % 2 })), ...Array.from({ length: wrong }, (_, i) => ({ score: i % 2, label: 1 - i % 2 })),
];
const quality = (rows: JoinedRow[], predictions = rows.length) => windowQuality(rows, predictions);

describe('bounds of a figure', () => {
  // Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3.
  test.each([[81, 263, 0.2553, 0.3662], [15, 148, 0.0624, 0.1605], [0, 20, 0, 0.1611], [1, 29, 0.0061, 0.1718]])('%s right of %s: from %s to %s', (right, rows, lower, upper) => {
    const bounds = figureBounds('accuracy', quality(answered(right, rows - right)), 1.959964)!;
    expect(bounds.lower).toBeCloseTo(lower, 4);
    expect(bounds.upper).toBeCloseTo(upper, 4);
  });

  test('a mean has the standard error of its rows', () => {
    const rows = [1, 2, 3].map((error) => ({ score: 10 + error, label: 10 }));
    const half = 2 / Math.sqrt(3);
    expect(figureBounds('mae', quality(rows), 2)).toEqual({ value: 2, lower: expect.closeTo(2 - half), upper: expect.closeTo(2 + half) });
    expect(figureBounds('rmse', quality(rows), 0)!.value).toBeCloseTo(Math.sqrt(14 / 3));
  });

  const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  const logistic = (x: number) => 1 / (1 + Math.exp(-x));
  test.each<[JudgedFigure, number, (random: Random) => JoinedRow]>([
    // Two normal distributions one deviation apart: the area is Φ(1/√2).
    ['auc', 0.7602, (random) => { const label = Number(random.next() < 0.2); return { score: logistic(normal(random) + label), label }; }],
    // Of 3 positives 2 are found, by 5 alarms of which 2 are right.
    ['f1', 0.5, (random) => { const p = random.next(); return p < 0.2 ? { score: 1, label: 1 } : p < 0.3 ? { score: 0, label: 1 } : p < 0.6 ? { score: 1, label: 0 } : { score: 0, label: 0 }; }],
    ['r2', 0.5, (random) => { const score = normal(random); return { score, label: score + normal(random) }; }],
  ])('%s: at two errors they hold the true value nineteen times of twenty', (figure, truth, draw) => {
    const random = new Random(7);
    let held = 0;
    for (let sample = 0; sample < 300; sample++) {
      const { lower, upper } = figureBounds(figure, quality(Array.from({ length: 300 }, () => draw(random))), 2)!;
      if (lower <= truth && truth <= upper) held++;
    }
    expect(held).toBeGreaterThanOrEqual(0.93 * 300);
  });

  test('without one of the classes there is no area, without variation no share of it', () => {
    expect(figureBounds('auc', quality([{ score: 0.3, label: 1 }]), 2)).toBeUndefined();
    expect(figureBounds('r2', quality([{ score: 0.3, label: 1 }]), 2)).toBeUndefined();
  });
});

describe('quality against its value at registration', () => {
  const options = { figure: 'accuracy' as JudgedFigure, registered: { value: 0.9, standardDeviation: 0.005 } as { value: number; standardDeviation: number } | undefined, allowedDrop: 0.1, minimumLabels: 100, minimumCoverage: 0 };
  const state = (right: number, wrong: number, own: Partial<typeof options> = {}, predictions?: number) =>
    judgeQuality(quality(answered(right, wrong), predictions ?? right + wrong), { ...options, ...own });

  test.each([
    ['as good as then', state(900, 100), 'ok', /accuracy 0.9 against 0.9 at registration/],
    ['better', state(990, 10), 'ok', /drop of -/],
    ['much worse', state(600, 400), 'degraded', /allowed is 0.1/],
    // 0.78 of 100 is worse by more than is allowed, but a hundred labels do not prove it.
    ['worse by chance or not, who knows', state(78, 22), 'insufficient', /100 labels cannot tell/],
    ['the same share of many more', state(7800, 2200), 'degraded', /0\.78/],
    ['too few labels', state(90, 9), 'insufficient', /99 of 99 answers are labelled; needed are 100/],
    ['too small a share of labels', state(900, 100, { minimumCoverage: 0.5 }, 4000), 'insufficient', /1000 of 4000 answers are labelled; needed are 2000/],
    ['no value at registration', state(600, 400, { registered: undefined }), 'insufficient', /registered without accuracy/],
  ])('%s', (_, judgement, expected, reason) => {
    expect(judgement.state).toBe(expected);
    expect(judgement.reason).toMatch(reason);
    // What could not be judged has no figure that an alarm might take for "fine".
    expect(judgement.multiple === undefined).toBe(expected === 'insufficient');
  });

  test('the multiple is that part of the drop which is not chance: at 1 it is exceeded', () => {
    const { drop, multiple } = state(600, 400);
    expect(multiple).toBeCloseTo(drop!.lower / 0.1);
    expect(state(990, 10).multiple).toBe(0);
  });

  test('an uncertain registration makes an uncertain drop', () => {
    expect(state(760, 240).state).toBe('degraded');
    expect(state(760, 240, { registered: { value: 0.9, standardDeviation: 0.05 } }).state).toBe('insufficient');
  });

  test('of a loss, more is worse; a tenth of it is allowed unless something else is said', () => {
    const rows = (error: number) => quality(Array.from({ length: 400 }, (_, i) => ({ score: i + error + (i % 2 ? 0.1 : -0.1), label: i })));
    const judge = (error: number) => judgeQuality(rows(error), { ...options, figure: 'mae', registered: { value: 1 }, allowedDrop: undefined });
    expect(judge(1.05)).toMatchObject({ state: 'ok', allowedDrop: 0.1 });
    expect(judge(1.2).state).toBe('degraded');
    expect(judge(0.2).state).toBe('ok');
    expect(judgeQuality(rows(1), { ...options, figure: 'mae', registered: { value: 0 }, allowedDrop: undefined }).reason).toMatch(/give allowedDrop/);
  });
});
