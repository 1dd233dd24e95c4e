import { ApprovalPolicy, BiasFacet, Dataset, MlopsStack, QualityGate, TrainingWorkflow, type BiasGateOptions } from '../../../lib';
import { SMALLEST, definitionOf, resource, surroundings, templateOf, testApp } from '../fixtures';

function workflow(gate: QualityGate) {
  return templateOf((stack) => {
    const around = surroundings(stack);
    new TrainingWorkflow(stack, 'Training', {
      ...around, dataset: Dataset.fromBucket(around.buckets.datasets, { labelColumn: 'late', timeColumn: 'time' }), gate, championEndpointName: 'flights',
    });
  });
}
const withBias = (bias: Partial<BiasGateOptions> = {}) => workflow(QualityGate.atLeast('auc', 0.6, { bias: { facets: [BiasFacet.ofValues('sex', ['f'], { limits: { DPPL: 0.1 } })], ...bias } }));
const environmentOf = (template: ReturnType<typeof workflow>, handler: string) => resource(template, 'AWS::Lambda::Function', `Training${handler}`).Properties.Environment.Variables;

test('limits of bias reach the judge with their defaults, and the registrar knows that there is a report', () => {
  const template = withBias();
  expect(JSON.parse(environmentOf(template, 'JudgeCandidate').GATE)).toEqual({
    metric: 'auc', threshold: 0.6, direction: 'maximize', task: 'binary-classification', custom: false, customMetrics: [],
    bias: { facets: [{ feature: 'sex', values: ['f'], limits: { DPPL: 0.1 } }], threshold: 0.5, favourableLabel: 1, minimumRows: 100 },
  });
  expect(environmentOf(template, 'RegisterCandidate').HAS_BIAS_REPORT).toBe('true');
  // 0 is a value.
  expect(JSON.parse(environmentOf(withBias({ favourableLabel: 0, threshold: 0 }), 'JudgeCandidate').GATE).bias).toMatchObject({ favourableLabel: 0, threshold: 0 });
});

test('without limits nobody asks for a report, and the workflow is the same', () => {
  const plain = workflow(QualityGate.atLeast('auc', 0.6));
  expect(environmentOf(plain, 'RegisterCandidate')).not.toHaveProperty('HAS_BIAS_REPORT');
  const states = (template: typeof plain) => definitionOf(resource(template, 'AWS::StepFunctions::StateMachine', 'Training'));
  expect(states(withBias())).toEqual(states(plain));
});

test.each<[string, Partial<BiasGateOptions>, RegExp]>([
  ['no facets', { facets: [] }, /the gate's bias has no facets; give at least one, or leave bias out/],
  ['seventeen facets', { facets: Array.from({ length: 17 }, (_, i) => BiasFacet.above(`x${i}`, 0, { limits: { DPPL: 0.1 } })) }, /has 17 facets; give at most 16/],
  ['an unknown measure', { facets: [BiasFacet.above('age', 60, { limits: { fairness: 1 } })] }, /the facet 'age' limits fairness; measures are CI, DPL/],
  ['a threshold above one', { threshold: 2 }, /bias\.threshold is 2; give a number from 0 to 1/],
  ['a third class', { favourableLabel: 2 }, /bias\.favourableLabel is 2; give 1 or 0/],
  ['no rows', { minimumRows: 0 }, /bias\.minimumRows is 0; give a whole number of at least 1/],
])('%s is refused', (_, bias, message) => {
  expect(() => withBias(bias)).toThrow(message);
});

describe('a metric', () => {
  const message = (gate: QualityGate) => {
    try {
      workflow(gate);
      return 'accepted';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    ['auc', 0.6], ['accuracy', 1], ['r2', -1], ['profit', -5],
  ])('at least: %s of %d is accepted', (metric, threshold) => { expect(message(QualityGate.atLeast(metric, threshold))).toBe('accepted'); });

  test.each([
    ['log_loss', 0.3], ['rmse', 12000], ['brier', 0.25], ['cost', -1],
  ])('at most: %s of %d is accepted', (metric, threshold) => { expect(message(QualityGate.atMost(metric, threshold))).toBe('accepted'); });

  test.each([
    ['in per cent', QualityGate.atLeast('auc', 70), /the gate's threshold of auc is 70; give a number from 0 to 1/],
    ['below what is possible', QualityGate.atMost('rmse', -1), /threshold of rmse is -1; give a number of at least 0/],
    ['the wrong way round', QualityGate.atMost('auc', 0.6), /at most 0\.6 of 'auc', of which more is better; use QualityGate\.atLeast/],
    ['a loss the wrong way round', QualityGate.atLeast('rmse', 3), /at least 3 of 'rmse', of which less is better; use QualityGate\.atMost/],
    ['no number', QualityGate.atLeast('profit', NaN), /threshold of profit is NaN; give a number/],
    ['a custom metric under a known name', QualityGate.atLeast('auc', 0.6, { customMetrics: ['brier'] }), /customMetrics name 'brier', which is measured on the hold-out; leave it out, or give the project's own another name/],
    ['bias of a regression', QualityGate.atMost('rmse', 3, { bias: { facets: [BiasFacet.ofValues('sex', ['f'], { limits: { DPPL: 0.1 } })] } }), /limits of bias, which need labels of 1 and 0, but judges by 'rmse'/],
  ])('%s is refused', (_, gate, expected) => { expect(message(gate)).toMatch(expected); });
});

describe('automatic approval', () => {
  const stack = (gate: QualityGate, approval: ApprovalPolicy) => () => new MlopsStack(testApp(), 'Mlops', { ...SMALLEST, gate, approval });

  test('takes no metric that only the project measures, unless it is allowed by name', () => {
    const gate = QualityGate.atLeast('profit', 0);
    expect(stack(gate, ApprovalPolicy.automatic())).toThrow(/judges by 'profit', which only the project itself measures.* allow it by ApprovalPolicy\.automatic\(\{ customMetric: 'profit' \}\)/);
    expect(stack(gate, ApprovalPolicy.automatic({ customMetric: 'turnover' }))).toThrow(/judges by 'profit'/);
    expect(stack(gate, ApprovalPolicy.automatic({ customMetric: 'profit' }))).not.toThrow();
    expect(stack(gate, ApprovalPolicy.manual())).not.toThrow();
  });

  test('is refused a custom metric that the gate does not judge by', () => {
    expect(stack(QualityGate.atLeast('auc', 0.6), ApprovalPolicy.automatic({ customMetric: 'profit' }))).toThrow(/approval\.customMetric is 'profit', but the gate judges by 'auc'; leave it out/);
  });
});
