import { Loop } from '../../test/loop/support/loop';
import type { EventsService } from '../../twin/services/events';
import type { LambdaService } from '../../twin/services/lambda';
import { handlersOf } from './assembly';
import { Injector, kindOf } from './injector';
import type { Schedule } from './plan';
import type { Seen } from './triples';
import { turn, type TurnKind, type TurnResult } from './turn';

export interface ScheduleResult extends TurnResult {
  readonly schedule: Schedule;
  /** Names of the triples that struck. */
  readonly fired: readonly string[];
  readonly seconds: number;
}

/** An account in which one schedule after another is run. */
export class Stage {
  static async set(assembly: string, seed: number): Promise<Stage> {
    let now = () => 0;
    const injector = new Injector(() => now());
    const loop = await Loop.deploy(assembly, { seed, faults: injector });
    now = () => loop.now;
    try {
      const functions = await Promise.all([...handlersOf(assembly)].map(async ([logicalId, handler]) => [await loop.resource('AWS::Lambda::Function', logicalId), handler] as const));
      injector.know(new Map(functions));
      loop.twin.service<LambdaService>('lambda').faults = injector;
      loop.twin.service<EventsService>('events').faults = (event) => injector.deliver(event);
      for (const pipeline of [loop.names.trainingPipeline, loop.names.releasePipeline]) await loop.ended(pipeline, 0, 120);
      return new Stage(loop, injector);
    } catch (error) {
      await loop.twin.stop();
      throw error;
    }
  }

  private constructor(readonly loop: Loop, private readonly injector: Injector) {}

  async play(schedule: Schedule): Promise<ScheduleResult> {
    const begun = performance.now();
    const { injector, loop } = this;
    injector.fired.clear();
    injector.calls.clear();
    const result = await turn(loop, injector, schedule.kind, schedule.faults)
      .catch((error: Error): TurnResult => ({ violations: [`the turn broke off: ${error.stack ?? error.message}`], byHand: [] }));
    return { schedule, ...result, fired: [...injector.fired], seconds: (performance.now() - begun) / 1000 };
  }

  /** What a turn without faults does, to know what can go wrong. */
  async observe(kind: TurnKind): Promise<Seen> {
    const { loop, injector } = this;
    const events = loop.twin.service<EventsService>('events');
    const before = events.published.length;
    const from = loop.now;
    const { violations, byHand } = await this.play({ number: -1, kind, faults: [] });
    if (violations.length + byHand.length > 0) throw new Error(`the loop is red without any fault (${kind}): ${[...violations, ...byHand].join('; ')}`);
    return {
      calls: Object.fromEntries([...injector.calls].map(([handler, names]) => [handler, [...names].sort()]).sort()),
      events: [...new Set(events.published.slice(before).filter(({ rules, event }) => rules.length > 0 && event.source !== 'aws.events').map(({ event }) => kindOf(event)))].sort(),
      updatesEndpoint: loop.calls('UpdateEndpoint', from).length > 0,
    };
  }

  async end(): Promise<void> {
    await this.loop.twin.stop();
  }
}

/** What each kind of turn does when nothing goes wrong. */
export async function observe(assembly: string, seed: number): Promise<Record<TurnKind, Seen>> {
  const stage = await Stage.set(assembly, seed);
  try {
    return { first: await stage.observe('first'), drift: await stage.observe('drift'), data: await stage.observe('data') };
  } finally {
    await stage.end();
  }
}

/** Runs schedules that share an account. */
export async function runBatch(assembly: string, seed: number, schedules: readonly Schedule[], tell: (result: ScheduleResult) => void): Promise<void> {
  const stage = await Stage.set(assembly, seed + schedules[0]!.number);
  try {
    for (const schedule of schedules) tell(await stage.play(schedule));
  } finally {
    await stage.end();
  }
}
