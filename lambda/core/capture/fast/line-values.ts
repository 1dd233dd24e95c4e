/** The values of one line as its bytes say, before it is known whether the line counts. */
export class LineValues {
  public used = 0;
  /** Of each value: its column if it is a number, otherwise the complement of the slot where it counts. */
  public codes = new Int32Array(256);
  public numbers = new Float64Array(256);
  /** Where a number stands that is known to an ulp or two only; -1 for an exact one. */
  public inexact = new Int32Array(256);

  /** Makes room for so many more values. */
  public reserve(more: number): void {
    let size = this.codes.length;
    if (this.used + more <= size) return;
    while (size < this.used + more) size *= 2;
    this.codes = grown(this.codes, new Int32Array(size));
    this.numbers = grown(this.numbers, new Float64Array(size));
    this.inexact = grown(this.inexact, new Int32Array(size));
  }

  public putSlot(slot: number): void {
    this.codes[this.used++] = ~slot;
  }

  /** Adds an exact number. */
  public putNumber(column: number, number: number): void {
    this.codes[this.used] = column;
    this.numbers[this.used] = number;
    this.inexact[this.used++] = -1;
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
