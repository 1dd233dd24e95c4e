import { assembleFaultLoop } from '../../scripts/faults/assembly';
import { Stage } from '../../scripts/faults/batch';
import type { TurnKind } from '../../scripts/faults/turn';
import { CALL_FAULTS, nameOf, triplesOf, type Triple } from '../../scripts/faults/triples';
import { plan } from '../../scripts/faults/plan';

/** One after the other in one account; `npm run verify:faults` tries everything. */
const SCHEDULES: ReadonlyArray<{ kind: TurnKind; faults: Triple[] }> = [
  {
    kind: 'first', faults: [
      { subject: 'deploy-endpoint', call: 'sagemaker:CreateEndpoint', fault: 'killed after' },
      { subject: 'event', call: 'SageMaker Model Package State Change Approved', fault: 'duplicated' },
    ],
  },
  {
    kind: 'drift', faults: [
      { subject: 'start-retraining', call: 'codepipeline:StartPipelineExecution', fault: 'killed after' },
      { subject: 'register-candidate', call: 'sagemaker:CreateModelPackage', fault: 'timed out after' },
    ],
  },
  {
    kind: 'data', faults: [
      { subject: 'endpoint', call: 'sagemaker:UpdateEndpoint', fault: 'rolled back' },
      { subject: 'approve-candidate', call: 'sagemaker:UpdateModelPackage', fault: 'killed before' },
    ],
  },
];

describe('the loop under fault', () => {
  const assembly = assembleFaultLoop();
  afterAll(() => { assembly.remove(); });

  test('keeps its promises, and converges or says why not', async () => {
    const stage = await Stage.set(assembly.directory, 1);
    try {
      for (const [number, { kind, faults }] of SCHEDULES.entries()) {
        const { violations, fired } = await stage.play({ number, kind, faults: faults.map((fault) => ({ ...fault, skip: 0, times: 1 })) });
        expect(violations).toEqual([]);
        expect([...fired].sort()).toEqual(faults.map(nameOf).sort());
      }
    } finally {
      await stage.end();
    }
  }, 300_000);
});

describe('the plan of schedules', () => {
  const nothing = { calls: {}, events: [], updatesEndpoint: false };
  const seen = { first: nothing, data: nothing, drift: { ...nothing, calls: { 'start-retraining': ['s3:GetObject'] } } };

  test('is the same for the same seed', () => {
    expect(plan(seen, 40, 7)).toEqual(plan(seen, 40, 7));
    expect(plan(seen, 40, 7)).not.toEqual(plan(seen, 40, 8));
  });

  test('tries every triple of a kind of turn before it tries one again', () => {
    const planned = new Set(plan(seen, 40, 1).flatMap(({ faults }) => faults).map(nameOf));
    expect([...planned].sort()).toEqual(triplesOf(seen.drift).map(nameOf).sort());
    expect(planned).toContain(`start-retraining × s3:GetObject × ${CALL_FAULTS[5]}`);
  });
});
