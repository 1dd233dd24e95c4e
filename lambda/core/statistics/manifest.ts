import { MergeError } from '../errors';

/** A part of a stored object that has been counted: bytes from `start` up to, not including, `end`. */
export interface ObjectRange {
  readonly key: string;
  /** The object's version id, or its ETag. */
  readonly version: string;
  readonly start: number;
  readonly end: number;
}

/** What an accumulator has counted. Refuses to count anything twice; neighbouring ranges of an object become one. */
export class Manifest {
  private readonly objects = new Map<string, ObjectRange[]>();

  public add(range: ObjectRange): void {
    const ranges = this.objects.get(range.key) ?? [];
    for (const known of ranges) {
      if (known.version !== range.version) {
        throw new MergeError('duplicate-object', `${range.key} was already counted as version ${known.version}, now comes version ${range.version};`
          + ' count each object once, in one version');
      }
      if (range.start < known.end && known.start < range.end) {
        throw new MergeError('duplicate-object', `${range.key} bytes ${range.start} to ${range.end} were already counted;`
          + ' leave out one of the accumulators that hold them');
      }
    }
    this.objects.set(range.key, coalesce([...ranges, range]));
  }

  public merge(other: Manifest): void {
    for (const range of other.ranges()) this.add(range);
  }

  public ranges(): ObjectRange[] {
    return [...this.objects.keys()].sort().flatMap((key) => this.objects.get(key)!);
  }
}

function coalesce(ranges: ObjectRange[]): ObjectRange[] {
  const joined: ObjectRange[] = [];
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = joined[joined.length - 1];
    if (last && last.end === range.start) joined[joined.length - 1] = { ...last, end: range.end };
    else joined.push(range);
  }
  return joined;
}
