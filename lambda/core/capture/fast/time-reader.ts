const QUOTE = 0x22;
/** `2026-02-01T13:00:00Z` */
const LENGTH = 20;

/** Reads the one form of time that endpoints write; another form is left to the slow path. */
export class TimeReader {
  /** Milliseconds since the epoch of the last time read. */
  public time = NaN;
  private readonly date = new Uint8Array(10);
  private dateTime = NaN;

  /** The position behind the time, or -1 if it is not of this form. */
  public read(bytes: Uint8Array, from: number, to: number): number {
    if (from + LENGTH >= to || bytes[from + 10] !== 0x54 || bytes[from + 13] !== 0x3a || bytes[from + 16] !== 0x3a || bytes[from + 19] !== 0x5a
      || bytes[from + 20] !== QUOTE || !this.sameDate(bytes, from)) return -1;
    const hour = twoDigits(bytes, from + 11);
    const minute = twoDigits(bytes, from + 14);
    const second = twoDigits(bytes, from + 17);
    if (!(hour <= 23 && minute <= 59 && second <= 59)) return -1;
    this.time = this.dateTime + ((hour * 60 + minute) * 60 + second) * 1000;
    return from + LENGTH;
  }

  private sameDate(bytes: Uint8Array, from: number): boolean {
    for (let i = 0; i < 10; i++) if (bytes[from + i] !== this.date[i]) return this.newDate(bytes, from);
    return true;
  }

  private newDate(bytes: Uint8Array, from: number): boolean {
    const text = String.fromCharCode(...bytes.subarray(from, from + 10));
    const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
    if (Number.isNaN(time)) return false;
    this.dateTime = time;
    this.date.set(bytes.subarray(from, from + 10));
    return true;
  }
}

/** The number of two digits; NaN where one is none. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const units = bytes[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : NaN;
}
