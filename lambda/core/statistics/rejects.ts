/** Why a captured record, or a whole object, could not be counted. */
export type RejectReason =
  | 'empty-object'
  | 'missing-object'
  | 'unreadable-object'
  | 'object-too-large'
  | 'not-json'
  | 'not-a-capture-record'
  | 'no-inference-time'
  | 'no-input'
  | 'encoding'
  | 'payload'
  | 'columns'
  | 'not-utf8'
  | 'line-too-long'
  | 'too-many-values'
  | 'unreadable';

/** Where a rejected record lies: enough to look it up, nothing of what it holds. */
export interface RejectSample {
  readonly object: string;
  readonly offset: number;
}

export interface RejectCount {
  count: number;
  samples: RejectSample[];
}

const SAMPLES = 5;

/** Rejected records by reason, with the first few places of each; the same whatever the order of counting. */
export class Rejects {
  public readonly byReason = new Map<RejectReason, RejectCount>();

  public get total(): number {
    let total = 0;
    for (const { count } of this.byReason.values()) total += count;
    return total;
  }

  public add(reason: RejectReason, sample: RejectSample): void {
    this.addAll(reason, { count: 1, samples: [sample] });
  }

  public merge(other: Rejects): void {
    for (const [reason, counted] of other.byReason) this.addAll(reason, counted);
  }

  public toJSON(): Record<string, RejectCount> {
    return Object.fromEntries([...this.byReason].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  public static fromJSON(json: Record<string, RejectCount>): Rejects {
    const rejects = new Rejects();
    for (const [reason, counted] of Object.entries(json)) rejects.addAll(reason as RejectReason, counted);
    return rejects;
  }

  private addAll(reason: RejectReason, added: RejectCount): void {
    const known = this.byReason.get(reason) ?? { count: 0, samples: [] };
    known.count += added.count;
    known.samples = [...known.samples, ...added.samples]
      .sort((a, b) => (a.object === b.object ? a.offset - b.offset : a.object < b.object ? -1 : 1))
      .slice(0, SAMPLES);
    this.byReason.set(reason, known);
  }
}
