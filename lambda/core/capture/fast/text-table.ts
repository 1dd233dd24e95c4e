/** Looks texts up by their bytes, without making strings. */
export class TextTable {
  private readonly mask: number;
  private readonly slots: Int32Array;
  private readonly bins: Int32Array;
  private readonly starts: Int32Array;
  private readonly bytes: Uint8Array;

  public constructor(entries: ReadonlyArray<{ text: string; bin: number }>, private readonly other: number) {
    const encoded = entries.map(({ text }) => new TextEncoder().encode(text));
    let size = 16;
    while (size < entries.length * 2) size *= 2;
    this.mask = size - 1;
    this.slots = new Int32Array(size).fill(-1);
    this.bins = Int32Array.from(entries.map(({ bin }) => bin));
    this.starts = new Int32Array(entries.length + 1);
    this.bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + length, 0));
    encoded.forEach((bytes, i) => {
      this.bytes.set(bytes, this.starts[i]);
      this.starts[i + 1] = this.starts[i]! + bytes.length;
      let slot = hash(bytes, 0, bytes.length) & this.mask;
      while (this.slots[slot]! >= 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = i;
    });
  }

  public bin(bytes: Uint8Array, from: number, to: number): number {
    for (let slot = hash(bytes, from, to) & this.mask; ; slot = (slot + 1) & this.mask) {
      const entry = this.slots[slot]!;
      if (entry < 0) return this.other;
      if (this.equals(entry, bytes, from, to)) return this.bins[entry]!;
    }
  }

  private equals(entry: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.starts[entry]!;
    if (this.starts[entry + 1]! - start !== to - from) return false;
    for (let i = from; i < to; i++) if (bytes[i] !== this.bytes[start + i - from]) return false;
    return true;
  }
}

function hash(bytes: Uint8Array, from: number, to: number): number {
  let value = 0x811c9dc5;
  for (let i = from; i < to; i++) value = Math.imul(value ^ bytes[i]!, 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}
