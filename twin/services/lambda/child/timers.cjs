'use strict';
/** setTimeout, setInterval, timers/promises, AbortSignal.timeout and socket time-outs on the virtual clock. */
const net = require('node:net');
const util = require('node:util');
const timers = require('node:timers');
const timersPromises = require('node:timers/promises');
const time = require('./time.cjs');

const real = { setInterval, clearInterval, setTimeout, clearTimeout, setImmediate };

/** Pending timers by id. They are few, so a scan for the earliest is cheaper than a heap. */
const pending = new Map();
let lastId = 0;
let firing = false;

class VirtualTimer {
  constructor(callback, delay, args, repeat) {
    if (typeof callback !== 'function') {
      throw Object.assign(new TypeError(`The "callback" argument must be of type function. Received ${util.inspect(callback)}`), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    const milliseconds = Number(delay);
    // As Node does: anything that is no delay, or overflows 32 bits, is one millisecond.
    this.delay = milliseconds >= 1 && milliseconds <= 2_147_483_647 ? Math.trunc(milliseconds) : Number(delay) > 1 ? 1 : 0;
    this.callback = callback;
    this.args = args;
    this.repeat = repeat;
    this.id = ++lastId;
    this.referenced = true;
    this.schedule();
  }

  schedule() {
    this.order = ++lastId;
    this.dueAt = time.now() + (this.repeat ? Math.max(1, this.delay) : this.delay);
    pending.set(this.id, this);
    if (this.dueAt <= time.now()) fireSoon();
  }

  ref() { this.referenced = true; return this; }
  unref() { this.referenced = false; return this; }
  hasRef() { return this.referenced; }
  refresh() { this.schedule(); return this; }
  close() { pending.delete(this.id); return this; }
  [Symbol.toPrimitive]() { return this.id; }
  [util.inspect.custom]() { return `Timeout { delay: ${this.delay}, dueAt: ${this.dueAt} }`; }
}
if (Symbol.dispose !== undefined) VirtualTimer.prototype[Symbol.dispose] = VirtualTimer.prototype.close;

/** Fires what is due in a turn of the event loop of its own, one callback a turn, so that promises settle in between. */
function fireSoon() {
  if (firing) return;
  firing = true;
  real.setImmediate(() => {
    firing = false;
    const timer = earliest();
    if (timer === undefined || timer.dueAt > time.now()) return;
    pending.delete(timer.id);
    if (timer.repeat) timer.schedule();
    fireSoon();
    timer.callback(...timer.args);
  });
}

function earliest() {
  let found;
  for (const timer of pending.values()) {
    if (found === undefined || timer.dueAt < found.dueAt || (timer.dueAt === found.dueAt && timer.order < found.order)) found = timer;
  }
  return found;
}

const virtualSetTimeout = (callback, delay, ...args) => new VirtualTimer(callback, delay, args, false);
const virtualSetInterval = (callback, delay, ...args) => new VirtualTimer(callback, delay, args, true);

function clear(timer) {
  if (timer instanceof VirtualTimer) timer.close();
  else if (typeof timer === 'number' || typeof timer === 'string') pending.delete(Number(timer));
  else if (timer !== null && timer !== undefined) real.clearTimeout(timer);
}

function promisedTimeout(delay, value, { signal } = {}) {
  return new Promise((resolve, reject) => {
    const abort = () => { clear(timer); reject(abortError(signal)); };
    if (signal?.aborted) { reject(abortError(signal)); return; }
    const timer = virtualSetTimeout(() => { signal?.removeEventListener('abort', abort); resolve(value); }, delay);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

async function* promisedInterval(delay, value, options) {
  for (;;) yield await promisedTimeout(Math.max(1, delay), value, options);
}

function abortError(signal) {
  return Object.assign(new Error('The operation was aborted', { cause: signal.reason }), { name: 'AbortError', code: 'ABORT_ERR' });
}

function install() {
  Object.defineProperty(virtualSetTimeout, util.promisify.custom, { value: promisedTimeout });
  const replaced = { setTimeout: virtualSetTimeout, setInterval: virtualSetInterval, clearTimeout: clear, clearInterval: clear };
  Object.assign(globalThis, replaced);
  Object.assign(timers, replaced);
  timersPromises.setTimeout = promisedTimeout;
  timersPromises.setInterval = promisedInterval;
  timersPromises.scheduler.wait = (delay, options) => promisedTimeout(delay, undefined, options);

  AbortSignal.timeout = (delay) => {
    const controller = new AbortController();
    virtualSetTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delay);
    return controller.signal;
  };
  installSocketTimeouts();
  time.onMove(fireSoon);
}

/** Time-outs of a request's socket are the program's; those of an idle kept-alive socket are Node's own and stay real. */
function installSocketTimeouts() {
  const socketTimer = Symbol('socketTimer');
  const realSetTimeout = net.Socket.prototype.setTimeout;
  const realUnrefTimer = net.Socket.prototype._unrefTimer;
  const inUse = (socket) => socket._httpMessage !== null && socket._httpMessage !== undefined && !socket._httpMessage.res?.complete;

  net.Socket.prototype.setTimeout = function setTimeout(delay, callback) {
    this[socketTimer]?.close();
    this[socketTimer] = undefined;
    if (!(delay > 0) || !inUse(this)) return realSetTimeout.call(this, delay, callback);
    realSetTimeout.call(this, 0);
    this.timeout = delay;
    if (callback !== undefined) this.once('timeout', callback);
    const timer = virtualSetTimeout(() => this.emit('timeout'), delay);
    this[socketTimer] = timer;
    this.once('close', () => timer.close());
    return this;
  };
  net.Socket.prototype._unrefTimer = function unrefTimer() {
    this[socketTimer]?.refresh();
    realUnrefTimer.call(this);
  };
}

module.exports = {
  install,
  real,
  /** When the earliest pending timer is due. */
  nextDue: () => earliest()?.dueAt,
  /** Changes with every timer set or fired. */
  generation: () => lastId,
};
