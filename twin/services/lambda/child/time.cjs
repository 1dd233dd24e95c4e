'use strict';
/**
 * The clock of a function's process. It stands still while the process computes and moves only when the twin says so;
 * Date, performance and hrtime read it. Must be loaded before any other code keeps a reference to them.
 */
const RealDate = Date;
const realHrtime = process.hrtime;
const beganAt = realHrtime.bigint();

let now = RealDate.now();
let origin = now;
/** How far Date is ahead of the twin, which timers follow. */
let skew = 0;
const listeners = [];

/** Sets the clock; it never goes back. */
function setNow(milliseconds) {
  if (!(milliseconds > now)) return;
  now = milliseconds;
  for (const listener of listeners) listener();
}

function start(milliseconds, ahead) {
  skew = ahead;
  now = milliseconds;
  origin = milliseconds;
}

function VirtualDate(...args) {
  if (new.target === undefined) return new RealDate(now + skew).toString();
  return Reflect.construct(RealDate, args.length === 0 ? [now + skew] : args, new.target);
}
Object.defineProperties(VirtualDate, {
  name: { value: 'Date' },
  length: { value: 7 },
  prototype: { value: RealDate.prototype, writable: false },
  now: { value: () => now + skew, writable: true, configurable: true },
  parse: { value: RealDate.parse, writable: true, configurable: true },
  UTC: { value: RealDate.UTC, writable: true, configurable: true },
});

function install() {
  RealDate.prototype.constructor = VirtualDate;
  globalThis.Date = VirtualDate;

  Object.defineProperty(performance, 'now', { value: () => now - origin, writable: true, configurable: true });
  Object.defineProperty(performance, 'timeOrigin', { get: () => origin, configurable: true });

  const bigint = () => beganAt + BigInt(now - origin) * 1_000_000n;
  const hrtime = (previous) => {
    const nanoseconds = bigint();
    let seconds = Number(nanoseconds / 1_000_000_000n);
    let rest = Number(nanoseconds % 1_000_000_000n);
    if (previous !== undefined) {
      seconds -= previous[0];
      rest -= previous[1];
      if (rest < 0) { seconds -= 1; rest += 1_000_000_000; }
    }
    return [seconds, rest];
  };
  hrtime.bigint = bigint;
  process.hrtime = hrtime;
}

module.exports = { install, start, setNow, now: () => now, onMove: (listener) => { listeners.push(listener); } };
