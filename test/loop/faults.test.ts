import { assembleFaultLoop } from '../../scripts/faults/assembly';
import { Stage } from '../../scripts/faults/batch';
import type { TurnKind } from '../../scripts/faults/turn';
import { CALL_FAULTS, nameOf, triplesOf, type Seen, type Triple } from '../../scripts/faults/triples';
import { BatchPlan, batchesOf, faultsEach, type Phase, type Place, type Schedule } from '../../scripts/faults/plan';
import { Random } from '../../twin';
import { refereed } from './support/referee';

interface Fixed {
  readonly kind: TurnKind;
  readonly deploy?: Triple[];
  readonly faults: Triple[];
  readonly destroy?: Triple[];
}

/** One after the other in one account; `npm run verify:faults` tries everything. */
const SCHEDULES: readonly Fixed[] = [
  {
    kind: 'first',
    deploy: [{ subject: 'start-heartbeat', call: 'monitoring:PutMetricData', fault: 'throttled' }],
    faults: [
      { subject: 'deploy-endpoint', call: 'sagemaker:CreateEndpoint', fault: 'killed after' },
      { subject: 'event', call: 'SageMaker Model Package State Change Approved', fault: 'duplicated' },
      { subject: 'data object', call: 's3:GetObject', fault: 'overwritten while read' },
    ],
  },
  {
    kind: 'drift', faults: [
      { subject: 'start-retraining', call: 'codepipeline:StartPipelineExecution', fault: 'killed after' },
      { subject: 'register-candidate', call: 'sagemaker:CreateModelPackage', fault: 'timed out after' },
      { subject: 'plan-scan', call: 'invocation', fault: 'clock behind' },
    ],
  },
  {
    kind: 'data', faults: [
      { subject: 'endpoint', call: 'sagemaker:UpdateEndpoint', fault: 'stuck' },
      { subject: 'approve-candidate', call: 'sagemaker:UpdateModelPackage', fault: 'killed before' },
    ],
    destroy: [
      { subject: 'retire-endpoint', call: 'states:StartExecution', fault: 'timed out after' },
      { subject: 'retire-endpoint', call: 'sagemaker:DeleteEndpoint', fault: 'killed after' },
    ],
  },
];

describe('the loop under fault', () => {
  const assembly = assembleFaultLoop();
  const referee = refereed();
  afterAll(() => { assembly.remove(); });

  test('keeps its promises, and converges or says why not', async () => {
    const stage = await Stage.set(assembly.directory, 1, referee.witness);
    try {
      // Three in a row exhaust the patience of the SDK.
      const armed = (faults: readonly Triple[]) => faults.map((fault) => ({ ...fault, skip: 0, times: fault.fault === 'throttled' ? 3 : 1 }));
      for (const [number, { kind, deploy, faults, destroy }] of SCHEDULES.entries()) {
        const { violations, fired } = await stage.play({
          number, kind, faults: armed(faults), ...(deploy && { deploy: armed(deploy) }), ...(destroy && { destroy: armed(destroy) }),
        });
        expect(violations).toEqual([]);
        expect([...fired].sort()).toEqual([...deploy ?? [], ...faults, ...destroy ?? []].map(nameOf).sort());
      }
    } finally {
      await stage.end();
    }
  }, 300_000);

  referee.test('makes and answers its calls as botocore\'s models have them');
});

describe('the plan of schedules', () => {
  const calls = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`handler-${index}`, { 's3:GetObject': 2, 's3:PutObject': 1, 'sagemaker:DescribeEndpoint': 3 }]));
  const retiring = { 'retire-endpoint': Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`sagemaker:Call${index}`, 1])) };
  const placesOf = (phase: Phase, from: number, made: Seen['calls']): Place[] => triplesOf({ calls: made, events: ['Alarm'], schedules: [], sagemaker: [], readsData: false })
    .map((triple) => ({ phase, from, triple, occasions: made[triple.subject]?.[triple.call] ?? 1 }));
  const places = [...placesOf('drift', 1, calls), ...placesOf('data', 2, calls), ...placesOf('destroy', 0, retiring)];
  const names = new Set(places.map(({ triple }) => nameOf(triple)));

  /** What strikes in a whole run, when each fault finds its occasion with this chance. */
  function played(schedules: number, seed: number, chance: number): { schedules: Schedule[]; struck: Set<string> } {
    const random = new Random(1);
    const struck = new Set<string>();
    const all = batchesOf(schedules).flatMap((batch) => {
      const plan = new BatchPlan(places, batch, faultsEach(names.size, schedules), seed);
      return Array.from({ length: batch.last - batch.first + 1 }, (_, index) => {
        const schedule = plan.next(batch.first + index);
        const met = [...schedule.faults, ...schedule.destroy ?? []].map(nameOf).filter(() => random.next() < chance);
        plan.struck(met);
        for (const name of met) struck.add(name);
        return schedule;
      });
    });
    return { schedules: all, struck };
  }

  test('is the same for the same seed', () => {
    expect(played(40, 7, 1)).toEqual(played(40, 7, 1));
    expect(played(40, 7, 1)).not.toEqual(played(40, 8, 1));
  });

  test('of an account depends on no other account, so that it can be replayed alone', () => {
    const [, , batch] = batchesOf(40);
    const schedule = (struckBefore: number) => {
      const plan = new BatchPlan(places, batch!, 3, 7);
      return Array.from({ length: 5 }, (_, index) => {
        const next = plan.next(batch!.first + index);
        if (index < struckBefore) plan.struck(next.faults.map(nameOf));
        return next;
      });
    };
    expect(schedule(5)).toEqual(schedule(5));
    expect(schedule(5).at(-1)).not.toEqual(schedule(2).at(-1));
  });

  test('of five hundred schedules tries everything, though every tenth fault finds no occasion', () => {
    const { struck } = played(500, 1, 0.9);
    expect([...names].filter((name) => !struck.has(name))).toEqual([]);
    expect(struck).toContain(`handler-3 × s3:GetObject × ${CALL_FAULTS[5]}`);
  });

  test('numbers every schedule once and gives no place a fault it does not have', () => {
    const { schedules } = played(57, 1, 1);
    expect(schedules.map(({ number }) => number)).toEqual(Array.from({ length: 57 }, (_, number) => number));
    for (const { kind, faults } of schedules) {
      for (const fault of faults) expect(places.some((place) => place.phase === kind && nameOf(place.triple) === nameOf(fault) && fault.skip < place.occasions)).toBe(true);
    }
  });
});
