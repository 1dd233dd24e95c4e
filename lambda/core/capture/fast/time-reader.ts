import { Literal } from './segments';

const QUOTE = 0x22;
const COLON = 0x3a;
/** `2026-02-01T13:00:00Z` */
const LENGTH = 20;
/** `2026-02-01T13:` */
const HOUR_LENGTH = 14;

/** Reads the one form of time that endpoints write; another form is left to the slow path. */
export class TimeReader {
  /** Milliseconds since the epoch of the last time read. */
  public time = NaN;
  /** The hour of the last time read, as text and as time. */
  private hour = new Literal(new Uint8Array(HOUR_LENGTH));
  private hourTime = NaN;

  /** The position behind the time, or -1 if it is not of this form. */
  public read(bytes: Uint8Array, view: DataView, from: number, to: number): number {
    if (from + LENGTH >= to || !(this.hour.stands(bytes, view, from) || this.newHour(bytes, from))) return -1;
    const minute = twoDigits(bytes, from + 14);
    const second = twoDigits(bytes, from + 17);
    if (!(minute <= 59 && second <= 59) || bytes[from + 16] !== COLON || bytes[from + 19] !== 0x5a || bytes[from + 20] !== QUOTE) return -1;
    this.time = this.hourTime + (minute * 60 + second) * 1000;
    return from + LENGTH;
  }

  private newHour(bytes: Uint8Array, from: number): boolean {
    const hour = bytes.slice(from, from + HOUR_LENGTH);
    const text = String.fromCharCode(...hour);
    const time = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):$/.test(text) ? Date.parse(`${text}00:00Z`) : NaN;
    if (Number.isNaN(time)) return false;
    this.hourTime = time;
    this.hour = new Literal(hour);
    return true;
  }
}

/** The number of two digits; NaN where one is none. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30;
  const units = bytes[at + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && units >= 0 && units <= 9 ? tens * 10 + units : NaN;
}
