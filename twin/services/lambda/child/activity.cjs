'use strict';
/**
 * What the process is waiting for. It counts as quiet when nothing real is in flight apart from answers of the twin,
 * of which it keeps a list: the twin knows which of them wait for virtual time.
 */
const crypto = require('node:crypto');
const diagnostics = require('node:diagnostics_channel');
const http = require('node:http');
const https = require('node:https');
const zlib = require('node:zlib');
const time = require('./time.cjs');

/** Sent with every request; the twin's front reads it. */
const CALL_HEADER = 'x-twin-call';
/** Sent with every answer of the twin: its time, in milliseconds. */
const TIME_HEADER = 'x-twin-time';

/** Not work: our standard streams and the channel to the twin. */
const STANDING = new Set(['PipeWrap', 'TTYWrap', 'Timeout']);

let calls = 0;
/** Numbers of requests whose answer has not begun to arrive. */
const open = new Set();
/** Answers that have begun to arrive. */
const arriving = new Set();
/** Compressions and cryptography on the thread pool; Node does not list these as active. */
let onThreadPool = 0;

function install(environmentId) {
  for (const module of [http, https]) {
    const original = module.request;
    module.request = (...args) => track((call) => original(...tagged(args, `${environmentId}/${call}`)));
    module.get = (...args) => {
      const request = module.request(...args);
      request.end();
      return request;
    };
  }
  trackFetch(environmentId);

  const streams = Object.getPrototypeOf(Object.getPrototypeOf(zlib.Gunzip.prototype));
  streams._transform = countCallback(streams._transform);
  for (const name of ['generateKey', 'generateKeyPair', 'hkdf', 'pbkdf2', 'randomBytes', 'randomFill', 'randomInt', 'scrypt', 'sign', 'verify']) {
    crypto[name] = countCallback(crypto[name]);
  }
  const subtle = Object.getPrototypeOf(crypto.webcrypto.subtle);
  for (const name of Object.getOwnPropertyNames(subtle).filter((each) => each !== 'constructor')) subtle[name] = countPromise(subtle[name]);
}

/** Counts calls whose last argument is a callback, until it is called. */
function countCallback(original) {
  const counted = function (...args) {
    const callback = args.at(-1);
    if (typeof callback !== 'function') return original.apply(this, args);
    onThreadPool += 1;
    try {
      return original.call(this, ...args.slice(0, -1), (...result) => {
        onThreadPool -= 1;
        callback(...result);
      });
    } catch (error) {
      onThreadPool -= 1;
      throw error;
    }
  };
  // `util.promisify` goes by properties of some of them.
  return Object.defineProperties(counted, Object.getOwnPropertyDescriptors(original));
}

function countPromise(original) {
  return async function (...args) {
    onThreadPool += 1;
    try {
      return await original.apply(this, args);
    } finally {
      onThreadPool -= 1;
    }
  };
}

/** The arguments of `http.request` with the tag among the headers. It could not be set later: with `Expect`, the head leaves at once. */
function tagged(args, tag) {
  const at = typeof args[0] === 'string' || args[0] instanceof URL ? 1 : 0;
  const options = typeof args[at] === 'function' ? undefined : args[at];
  return [...args.slice(0, at), { ...options, headers: withHeader(options?.headers, tag) }, ...args.slice(options === undefined ? at : at + 1)];
}

/** Node takes headers as an object, as a list of names and values in turn, or as a list of pairs. */
function withHeader(headers, tag) {
  if (!Array.isArray(headers)) return { ...headers, [CALL_HEADER]: tag };
  return Array.isArray(headers[0]) ? [...headers, [CALL_HEADER, tag]] : [...headers, CALL_HEADER, tag];
}

function track(send) {
  const call = ++calls;
  const request = send(call);
  open.add(call);
  // Seen before any listener of the program; a listener of ours would keep Node from discarding an answer nobody reads.
  const emit = request.emit;
  request.emit = function (event, ...args) {
    if (event === 'response') begun(call, args[0]);
    return emit.call(this, event, ...args);
  };
  request.once('close', () => open.delete(call));
  return request;
}

function begun(call, response) {
  open.delete(call);
  arriving.add(response);
  response.once('close', () => arriving.delete(response));
  time.setNow(Number(response.headers[TIME_HEADER]));
}

function trackFetch(environmentId) {
  const numbers = new WeakMap();
  diagnostics.subscribe('undici:request:create', ({ request }) => {
    const call = ++calls;
    numbers.set(request, call);
    open.add(call);
    request.addHeader(CALL_HEADER, `${environmentId}/${call}`);
  });
  diagnostics.subscribe('undici:request:headers', ({ request, response }) => {
    open.delete(numbers.get(request));
    const at = response.headers.findIndex((header, index) => index % 2 === 0 && header.toString().toLowerCase() === TIME_HEADER);
    if (at >= 0) time.setNow(Number(response.headers[at + 1].toString()));
  });
  diagnostics.subscribe('undici:request:error', ({ request }) => open.delete(numbers.get(request)));
}

/** Numbers of the requests being waited for, or undefined while anything else real is in flight. */
function waitingFor() {
  if (onThreadPool > 0) return undefined;
  let sockets = 0;
  for (const type of process.getActiveResourcesInfo()) {
    if (type === 'TCPSocketWrap') sockets += 1;
    else if (!STANDING.has(type)) return undefined;
  }
  let unread = 0;
  for (const response of arriving) if (!response.readableFlowing && response.readableLength > 0) unread += 1;
  return sockets <= open.size + unread ? [...open] : undefined;
}

module.exports = { install, waitingFor, calls: () => calls };
