/**
 * numpy's RandomState (MT19937, the polar method for normal numbers, masked rejection for integers), so that data other projects draw
 * with `np.random.seed` in their published tests are drawn here too, to the bit.
 */
export class NumpyRandom {
  private readonly state = new Uint32Array(624);
  private next = 624;
  private spare: number | undefined;

  public constructor(seed: number) {
    this.state[0] = seed;
    for (let i = 1; i < 624; i++) {
      const last = this.state[i - 1]! ^ (this.state[i - 1]! >>> 30);
      this.state[i] = Math.imul(1812433253, last) + i;
    }
  }

  public uint32(): number {
    if (this.next === 624) this.twist();
    let y = this.state[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** `np.random.normal(mean, deviation, count)` */
  public normal(mean: number, deviation: number, count: number): Float64Array {
    return Float64Array.from({ length: count }, () => mean + deviation * this.gauss());
  }

  /** `np.random.choice(values, count)` */
  public choice<T>(values: readonly T[], count: number): T[] {
    const mask = 2 ** Math.ceil(Math.log2(values.length)) - 1;
    return Array.from({ length: count }, () => {
      let index: number;
      do index = (this.uint32() & mask) >>> 0; while (index >= values.length);
      return values[index]!;
    });
  }

  private double(): number {
    const high = this.uint32() >>> 5;
    return (high * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  private gauss(): number {
    if (this.spare !== undefined) {
      const spare = this.spare;
      this.spare = undefined;
      return spare;
    }
    let x: number, y: number, square: number;
    do {
      x = 2 * this.double() - 1;
      y = 2 * this.double() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    this.spare = factor * x;
    return factor * y;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < 624; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff);
      state[i] = state[(i + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }
}
