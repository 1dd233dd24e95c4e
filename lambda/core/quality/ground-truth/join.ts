import { JoinRow } from './records';

/** In a table at most half full, of 52 bytes a place: 220 MB. */
const MOST_PREDICTIONS = 2 ** 21;

export interface JoinedRow {
  readonly score: number;
  readonly label: number;
}

/** An answer with its label, NaN while that is not known. */
export interface JoinedAnswer extends JoinedRow {
  /** See facetReader. */
  readonly facets: number;
}

/**
 * Joins the labels of one partition with its predictions. Memory is that of the partition's predictions, in flat arrays, and capped; take
 * more partitions where it does not suffice. The outcome does not depend on the order of rows: of two predictions of one id the earlier
 * counts (the larger of two at once), of two labels the one collected later, the larger of two collected at once.
 */
export class LabelJoin {
  public unmatched = 0;
  private used = 0;
  private keys = new Uint32Array(4 * 1024);
  private scores = new Float64Array(1024);
  private times = new Float64Array(1024).fill(NaN);
  private labels = new Float64Array(1024).fill(NaN);
  private collected = new Float64Array(1024).fill(-Infinity);
  private facets = new Uint32Array(1024);

  public constructor(private readonly windowMilliseconds: number, private readonly most = MOST_PREDICTIONS) {}

  /** Adds a prediction; all of the partition must be there before its labels. */
  public predict({ key, value, facets = 0 }: JoinRow, time: number): void {
    if (2 * this.used >= this.times.length) this.grow();
    const slot = this.slot(key);
    const known = this.times[slot]!;
    if (known < time || (known === time && this.scores[slot]! >= value)) return;
    if (Number.isNaN(known)) {
      if (this.used === this.most) throw new RangeError(`a partition has more than ${this.most} predictions; join in more partitions`);
      this.used++;
      this.keys.set(key, 4 * slot);
    }
    this.scores[slot] = value;
    this.times[slot] = time;
    this.facets[slot] = facets;
  }

  /** Adds a label; one without a prediction is counted, and left for a join that reaches further back. */
  public label({ key, value }: JoinRow, collectedAt: number): void {
    const slot = this.slot(key);
    if (Number.isNaN(this.times[slot]!)) {
      this.unmatched++;
      return;
    }
    const before = this.collected[slot]!;
    if (collectedAt < before || (collectedAt === before && value <= this.labels[slot]!)) return;
    this.collected[slot] = collectedAt;
    this.labels[slot] = value;
  }

  /** Predictions per window, by its start. */
  public predictions(): Map<number, number> {
    const counts = new Map<number, number>();
    for (let slot = 0; slot < this.times.length; slot++) {
      if (!Number.isNaN(this.times[slot]!)) counts.set(this.windowOf(slot), (counts.get(this.windowOf(slot)) ?? 0) + 1);
    }
    return counts;
  }

  /** The answers of a window, labelled or not. */
  public *answers(window: number): Iterable<JoinedAnswer> {
    for (let slot = 0; slot < this.times.length; slot++) {
      if (this.windowOf(slot) === window) yield { score: this.scores[slot]!, label: this.labels[slot]!, facets: this.facets[slot]! };
    }
  }

  /** The labelled rows of a window. */
  public *rows(window: number): Iterable<JoinedRow> {
    for (const { score, label } of this.answers(window)) if (!Number.isNaN(label)) yield { score, label };
  }

  private windowOf(slot: number): number {
    return Math.floor(this.times[slot]! / this.windowMilliseconds) * this.windowMilliseconds;
  }

  /** Where a key stands, or the empty slot where it would. */
  private slot(key: Uint32Array): number {
    const { keys, times } = this;
    const mask = times.length - 1;
    for (let slot = key[0]! & mask; ; slot = (slot + 1) & mask) {
      if (Number.isNaN(times[slot]!)) return slot;
      const at = 4 * slot;
      if (keys[at] === key[0] && keys[at + 1] === key[1] && keys[at + 2] === key[2] && keys[at + 3] === key[3]) return slot;
    }
  }

  private grow(): void {
    const { keys, scores, times, labels, collected, facets } = this;
    const size = 2 * times.length;
    this.keys = new Uint32Array(4 * size);
    this.scores = new Float64Array(size);
    this.times = new Float64Array(size).fill(NaN);
    this.labels = new Float64Array(size).fill(NaN);
    this.collected = new Float64Array(size).fill(-Infinity);
    this.facets = new Uint32Array(size);
    for (let old = 0; old < times.length; old++) {
      if (Number.isNaN(times[old]!)) continue;
      const key = keys.subarray(4 * old, 4 * old + 4);
      const slot = this.slot(key);
      this.keys.set(key, 4 * slot);
      this.scores[slot] = scores[old]!;
      this.times[slot] = times[old]!;
      this.labels[slot] = labels[old]!;
      this.collected[slot] = collected[old]!;
      this.facets[slot] = facets[old]!;
    }
  }
}
