import { Account } from '../../bin/story/account';
import { namesOf } from '../../bin/story/names';
import { Loop, START } from '../../test/loop/support/loop';
import { leftBehind } from '../../test/loop/support/steps/destroyed';
import { Twin, type Witness } from '../../twin';
import { StackOperationError } from '../../twin/services/cloudformation';
import type { EventsService } from '../../twin/services/events';
import type { LambdaService } from '../../twin/services/lambda';
import type { StepFunctionsService } from '../../twin/services/step-functions';
import { handlersOf } from './assembly';
import { Injector, isScheduled, kindOf, type Armed } from './injector';
import { BatchPlan, type Batch, type Phase, type Place, type Schedule } from './plan';
import { nameOf, triplesOf, type Seen } from './triples';
import { turn, type TurnResult } from './turn';

export interface ScheduleResult extends TurnResult {
  readonly schedule: Schedule;
  /** Names of the triples that struck. */
  readonly fired: readonly string[];
  readonly seconds: number;
}

/** Minutes for what a deployment starts by itself. */
const PATIENCE_MINUTES = 240;
/** A command that has to be given more often does not help. */
const PUSHES = 4;

/** An account in which one schedule after another is run. */
export class Stage {
  static async set(assembly: string, seed: number, witness?: Witness): Promise<Stage> {
    let now = () => 0;
    const injector = new Injector(() => now(), handlersOf(assembly));
    const twin = await Twin.fromAssembly(assembly, { startTime: START, seed, faults: injector, witness });
    now = () => twin.clock.now();
    twin.service<LambdaService>('lambda').faults = injector;
    twin.service<EventsService>('events').faults = (event) => injector.deliver(event);
    // In every other account; which of the two AWS does is not documented.
    twin.service<StepFunctionsService>('states').conditions.stoppedJob = seed % 2 === 0 ? 'fails' : 'completes';
    return new Stage(twin, injector);
  }

  private deployed: Loop | undefined;

  private constructor(readonly twin: Twin, private readonly injector: Injector) {}

  /** The account's first schedule has to deploy. */
  async play(schedule: Schedule): Promise<ScheduleResult> {
    const begun = performance.now();
    const { injector } = this;
    injector.fired.clear();
    const results: TurnResult[] = [];
    try {
      if (this.deployed === undefined) results.push(await this.deploy(schedule.deploy ?? []));
      results.push(await turn(this.loop, injector, schedule.kind, schedule.faults));
      if (schedule.destroy !== undefined) results.push(await this.destroy(schedule.destroy));
    } catch (error) {
      results.push({ violations: [`the schedule broke off: ${(error as Error).stack ?? String(error)}`], byHand: [] });
    }
    return {
      schedule, violations: results.flatMap(({ violations }) => violations), byHand: results.flatMap(({ byHand }) => byHand),
      fired: [...injector.fired], seconds: (performance.now() - begun) / 1000,
    };
  }

  get loop(): Loop {
    if (this.deployed === undefined) throw new Error('the stack is not deployed');
    return this.deployed;
  }

  /** Until both pipelines have done what they do when they are created. */
  async deploy(faults: readonly Armed[] = []): Promise<TurnResult> {
    const { injector, twin } = this;
    const byHand: string[] = [];
    const violations: string[] = [];
    injector.arm(faults);
    const outputs = await this.again('deployed', byHand, () => twin.deploy());
    this.deployed = new Loop(new Account(twin, namesOf(outputs)), Object.keys(outputs)[0]!);
    const { account, names } = this.loop;
    for (const pipeline of [names.trainingPipeline, names.releasePipeline]) {
      const { status, pipelineExecutionId } = await this.loop.ended(pipeline, 0, PATIENCE_MINUTES);
      const why = status === 'Failed' ? await account.failure(pipeline, pipelineExecutionId) : '';
      if (status === 'Failed' && (why === '' || why.endsWith('no reason given'))) violations.push(`a run that fails says why: the first one of ${pipeline} does not`);
    }
    injector.arm([]);
    return { violations, byHand };
  }

  async destroy(faults: readonly Armed[] = []): Promise<TurnResult> {
    const { injector, twin } = this;
    const byHand: string[] = [];
    injector.arm(faults);
    await this.again('destroyed', byHand, () => twin.destroy());
    injector.arm([]);
    this.deployed = undefined;
    const left = leftBehind(twin);
    return { violations: left.length === 0 ? [] : [`destroy leaves nothing: ${left.join(', ')}`], byHand };
  }

  /** What a phase does without faults. */
  async watch(phase: Phase): Promise<Seen> {
    const { injector, twin } = this;
    const events = twin.service<EventsService>('events');
    const before = events.published.length;
    injector.calls.clear();
    injector.sagemaker.clear();
    const result = phase === 'deploy' ? await this.deploy() : phase === 'destroy' ? await this.destroy() : await turn(this.loop, injector, phase, []);
    const wrong = [...result.violations, ...result.byHand];
    if (wrong.length > 0) throw new Error(`the loop is red without any fault (${phase}): ${wrong.join('; ')}`);
    const taken = events.published.slice(before).filter(({ rules }) => rules.length > 0).map(({ event }) => event);
    const kinds = (scheduled: boolean) => [...new Set(taken.filter((event) => isScheduled(event) === scheduled).map(kindOf))].sort();
    return {
      calls: Object.fromEntries([...injector.calls].map(([handler, counts]) => [handler, Object.fromEntries(counts)])),
      events: kinds(false), schedules: kinds(true), sagemaker: [...injector.sagemaker].sort(),
      readsData: (injector.calls.get('resolve-dataset')?.get('s3:GetObject') ?? 0) > 0 && phase !== 'deploy',
    };
  }

  async end(): Promise<void> {
    await this.twin.stop();
  }

  /** The one command of whoever deploys or destroys is to give it again, if the first time failed and said why. */
  private async again<T>(what: string, byHand: string[], command: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await command();
      } catch (error) {
        if (!(error instanceof StackOperationError) || error.failures.some(({ reason }) => reason === '') || byHand.length >= PUSHES) throw error;
        byHand.push(`${what} again (${error.message.slice(0, 300)})`);
      }
    }
  }
}

/** What can strike where: an account lives through every phase without faults, and is watched. */
export async function observe(assembly: string, seed: number): Promise<Place[]> {
  const stage = await Stage.set(assembly, seed);
  const places = new Map<string, Place>();
  const life: ReadonlyArray<{ phase: Phase; from: number }> = [
    { phase: 'deploy', from: 0 }, { phase: 'first', from: 0 }, { phase: 'drift', from: 1 }, { phase: 'data', from: 2 }, { phase: 'drift', from: 3 },
    // From the fifth release on an old config is deleted.
    { phase: 'data', from: 4 }, { phase: 'destroy', from: 0 },
  ];
  try {
    for (const { phase, from } of life) {
      const seen = await stage.watch(phase);
      for (const triple of triplesOf(seen)) {
        const name = `${phase} ${nameOf(triple)}`;
        if (!places.has(name)) places.set(name, { phase, from, triple, occasions: seen.calls[triple.subject]?.[triple.call] ?? 1 });
      }
    }
    return [...places.values()];
  } finally {
    await stage.end();
  }
}

/** Runs the schedules of an account, up to `last`. */
export async function runBatch(
  assembly: string, seed: number, { places, batch, each, last = batch.last }: BatchOrder, tell: (result: ScheduleResult) => void,
): Promise<void> {
  const plan = new BatchPlan(places, batch, each, seed);
  const stage = await Stage.set(assembly, seed + batch.first);
  try {
    for (let number = batch.first; number <= last; number++) {
      const result = await stage.play(plan.next(number));
      plan.struck(result.fired);
      tell(result);
    }
  } finally {
    await stage.end();
  }
}

/** What to run, as it is handed to a worker. */
export interface BatchOrder {
  readonly places: readonly Place[];
  readonly batch: Batch;
  readonly each: number;
  /** @default - the batch's last */
  readonly last?: number;
}
