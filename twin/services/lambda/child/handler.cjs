'use strict';
/** Finds and loads the function's handler, `path/to/file.exported.name`, as Lambda's Node.js runtime does. */
const fs = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

class RuntimeError extends Error {
  constructor(type, message, cause) {
    super(message, { cause });
    this.name = type;
    if (cause?.stack !== undefined) this.stack = cause.stack;
  }
}

async function load(root, handlerName) {
  const folder = path.dirname(handlerName);
  const [, file, exported] = /^([^.]*)\.(.*)$/.exec(path.basename(handlerName)) ?? [];
  if (!file || !exported) throw new RuntimeError('Runtime.MalformedHandlerName', `Bad handler ${handlerName}`);

  const stem = path.join(root, folder, file);
  const found = ['.js', '.mjs', '.cjs'].map((extension) => stem + extension).find((name) => fs.existsSync(name));
  if (found === undefined) throw new RuntimeError('Runtime.ImportModuleError', `Cannot find module '${file}'`);

  let loaded;
  try {
    loaded = isModule(found, root) ? await import(pathToFileURL(found).href) : require(found);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('Runtime.UserCodeSyntaxError', String(error), error);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') throw new RuntimeError('Runtime.ImportModuleError', `Error: ${error.message}`, error);
    throw error;
  }
  const handler = exported.split('.').reduce((value, name) => value?.[name], loaded);
  if (handler === undefined) throw new RuntimeError('Runtime.HandlerNotFound', `${handlerName} is undefined or not exported`);
  if (typeof handler !== 'function') throw new RuntimeError('Runtime.HandlerNotFound', `${handlerName} is not a function`);
  return handler;
}

function isModule(file, root) {
  if (file.endsWith('.mjs')) return true;
  if (file.endsWith('.cjs')) return false;
  for (let folder = path.dirname(file); folder.startsWith(root); folder = path.dirname(folder)) {
    const description = path.join(folder, 'package.json');
    if (fs.existsSync(description)) return JSON.parse(fs.readFileSync(description, 'utf8')).type === 'module';
  }
  return false;
}

/** Calls the handler; it may be asynchronous or, where the runtime still allows it, take a callback. */
function call(handler, event, context, allowCallback) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error === null || error === undefined ? resolve(result) : reject(error));
    if (!allowCallback && handler.length > 2) {
      reject(new RuntimeError('Runtime.CallbackHandlerDeprecated', 'callback-based function handlers are not supported from Node.js 24 on; make the handler async'));
      return;
    }
    Object.assign(context, { done: callback, succeed: (result) => callback(null, result), fail: (error) => callback(error ?? 'handled') });
    const returned = handler(event, context, callback);
    if (typeof returned?.then === 'function') returned.then(resolve, reject);
    else if (handler.length < 3) resolve(returned);
  });
}

module.exports = { load, call };
