import { BiasFacet, Dataset, QualityGate, TrainingWorkflow, type BiasGateOptions } from '../../../lib';
import { definitionOf, resource, surroundings, templateOf } from '../fixtures';

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
    metric: 'auc', threshold: 0.6, direction: 'maximize',
    bias: { facets: [{ feature: 'sex', values: ['f'], limits: { DPPL: 0.1 } }], threshold: 0.5, favourableLabel: 1, minimumRows: 100 },
  });
  expect(environmentOf(template, 'JudgeCandidate').LABEL_COLUMN).toBe('late');
  expect(environmentOf(template, 'RegisterCandidate').HAS_BIAS_REPORT).toBe('true');
  // 0 is a value.
  expect(JSON.parse(environmentOf(withBias({ favourableLabel: 0, threshold: 0 }), 'JudgeCandidate').GATE).bias).toMatchObject({ favourableLabel: 0, threshold: 0 });
});

test('without limits nobody asks for labels or reports, and the workflow is the same', () => {
  const plain = workflow(QualityGate.atLeast('auc', 0.6));
  expect(environmentOf(plain, 'JudgeCandidate')).not.toHaveProperty('LABEL_COLUMN');
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
