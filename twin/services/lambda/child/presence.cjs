'use strict';
/**
 * Keeps the twin informed of what this process waits for, over the process's own channel. Once it waits for nothing
 * but virtual time (a timer, an answer that itself takes virtual time), the twin may let time pass.
 */
const activity = require('./activity.cjs');
const time = require('./time.cjs');
const timers = require('./timers.cjs');

/**
 * Looks, a millisecond apart, that must agree before the process counts as waiting: an answer on its way gets longer,
 * and longest has a process that seems to wait for nothing at all, for that may be work that Node does not list.
 */
const LOOKS = { timer: 2, answer: 4, nothing: 25 };

const send = process.send.bind(process);
const { real } = timers;

let tick = 0;
let looking;
let seen;
let agreeing = 0;

process.on('message', (message) => {
  tick = message.tick;
  seen = undefined;
  time.setNow(message.now);
});
process.on('disconnect', () => process.exit());
delete process.send; // A function's process has none.

function look() {
  const calls = activity.waitingFor();
  const due = timers.nextDue();
  if (calls === undefined || due <= time.now()) {
    seen = undefined;
    return;
  }
  const key = `${tick} ${activity.calls()} ${calls.length} ${timers.generation()} ${due}`;
  agreeing = key === seen ? agreeing + 1 : 1;
  seen = key;
  const needed = calls.length > 0 ? LOOKS.answer : due !== undefined ? LOOKS.timer : LOOKS.nothing;
  if (agreeing === needed) send({ tick, calls, due });
}

module.exports = {
  /** From here on the process works for an invocation (or initialises). */
  begin() {
    seen = undefined;
    looking ??= real.setInterval(look, 1).unref();
  },
  /** The process is frozen until the next invocation. */
  end() {
    real.clearInterval(looking);
    looking = undefined;
  },
};
