/** The values of one line as its bytes say, before it is known whether the line counts. */
export class LineValues {
  public used = 0;
  /**
   * Two for each value: its column if it is a number, otherwise the complement of the slot where it counts; and where a number stands that is
   * known to an ulp or two only, or -1 for an exact one.
   */
  public marks = new Int32Array(512);
  public numbers = new Float64Array(256);

  /** Makes room for so many more values. */
  public reserve(more: number): void {
    let size = this.numbers.length;
    if (this.used + more <= size) return;
    while (size < this.used + more) size *= 2;
    this.marks = grown(this.marks, new Int32Array(2 * size));
    this.numbers = grown(this.numbers, new Float64Array(size));
  }

  public putSlot(slot: number): void {
    this.marks[2 * this.used++] = ~slot;
  }

  /** Adds an exact number. */
  public putNumber(column: number, number: number): void {
    this.marks[2 * this.used] = column;
    this.marks[2 * this.used + 1] = -1;
    this.numbers[this.used++] = number;
  }
}

function grown<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
