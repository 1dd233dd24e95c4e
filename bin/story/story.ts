import { Twin, type Witness } from '../../twin';
import type { Account } from './account';
import type { Flights, Traffic } from './flights';
import type { TrafficSource } from './traffic-source';

/** One step of the story, and whether it held. */
export interface Milestone {
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  /** When it was reached, virtual time, ISO 8601. */
  readonly virtualTime: string;
  readonly detail: string;
  /** Wall time it took, seconds. */
  readonly wallSeconds: number;
}

/** What happened at which virtual time, for the timeline. */
export interface Moment {
  readonly time: number;
  readonly kind: 'data' | 'training' | 'approval' | 'release' | 'alarm' | 'traffic';
  readonly text: string;
}

/** Something the story expects did not hold. */
export class Unmet extends Error {}

export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Unmet(otherwise);
}

export interface StoryOptions {
  /** Traffic of an ordinary day, and what it turns into. */
  readonly ordinary: Traffic;
  readonly shifted: Traffic;
  /** Weeks of ordinary traffic. */
  readonly weeks: number;
  /** Sees every AWS call with its answer. */
  readonly witness?: Witness;
}

/** What the chapters share. */
export interface Stage {
  readonly account: Account;
  readonly flights: Flights;
  readonly source: TrafficSource;
  readonly options: StoryOptions;
  readonly moments: Moment[];
}

/** Runs chapters one after another; after one that fails the rest are not begun, and count as not ok. */
export class Narrator {
  readonly milestones: Milestone[] = [];
  private failed = false;

  constructor(private readonly say: (line: string) => void) {}

  async tell(id: string, title: string, twin: () => Twin | undefined, chapter: () => Promise<string>): Promise<void> {
    if (this.failed) return this.note({ id, title, ok: false, detail: 'not begun, since an earlier step did not hold' }, twin(), 0);
    this.say(`   ${id}. ${title} …`);
    const begun = performance.now();
    try {
      this.note({ id, title, ok: true, detail: await chapter() }, twin(), begun);
    } catch (error) {
      this.failed = true;
      this.note({ id, title, ok: false, detail: error instanceof Unmet ? error.message : (error as Error).stack ?? String(error) }, twin(), begun);
    }
  }

  private note(milestone: Pick<Milestone, 'id' | 'title' | 'ok' | 'detail'>, twin: Twin | undefined, begun: number): void {
    const wallSeconds = begun === 0 ? 0 : (performance.now() - begun) / 1000;
    const virtualTime = twin?.clock.date().toISOString() ?? '';
    this.milestones.push({ ...milestone, virtualTime, wallSeconds });
    this.say(`${milestone.ok ? 'ok    ' : 'NOT OK'} ${milestone.id}. ${milestone.title} [${virtualTime.slice(0, 16)}, ${wallSeconds.toFixed(1)} s]\n       ${milestone.detail}`);
  }
}
