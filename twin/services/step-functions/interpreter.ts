import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Clock, Timer } from '../../clock';
import type { Random } from '../../random';
import type { Definition, Json } from './definition';

/** One turn of a sequence of states, as the interpreter reports it. */
export interface StateEvent {
  readonly type: 'StateEntered' | 'StateExited' | 'StateFailed' | 'StateRetried' | 'StateCaught' | string;
  readonly state?: { readonly name: string; readonly input: unknown; readonly output?: unknown };
}

export interface Run {
  readonly result: Promise<unknown>;
  abort(): void;
}

interface RunOptions {
  /** What `$$` shows. */
  readonly context: object;
  readonly overrides?: { readonly taskResourceLocalHandlers: Readonly<Record<string, (input: unknown) => Promise<unknown>>> };
  readonly onEvent?: (event: StateEvent) => void;
}

interface Library {
  readonly StateMachine: new (definition: object, options?: { validationOptions?: { noValidate?: boolean } }) => {
    run(input: unknown, options?: RunOptions): Run;
  };
}

const LIBRARY = 'aws-local-stepfunctions';

/** Where the library departs from Step Functions. Each must be found as often as stated, so that a new release cannot pass unnoticed. */
const CORRECTIONS: ReadonlyArray<{ readonly why: string; readonly find: RegExp; readonly replace: string; readonly times: number }> = [
  {
    why: 'tests such as "IsPresent": false never hold',
    find: /return (\w+True) && (.+);/g, replace: 'return $1 === ($2);', times: 6,
  },
  {
    why: 'intrinsics lose every backslash, and with them the quotes inside JSON; only literals are escaped',
    find: /result = result\.replaceAll\("\\\\", ""\);/g, replace: '', times: 1,
  },
  {
    why: 'the other half of the above: a literal argument is unescaped where it is read',
    find: /return arg\.slice\(1, lastSingleQuote\);/g, replace: "return arg.slice(1, lastSingleQuote).replace(/\\\\(['\\\\])/g, '$1');", times: 1,
  },
  {
    why: 'the result path "$" makes a field named "$"',
    find: /const sanitizedPath = path\.replace\("\$\.", ""\);/g,
    replace: 'if (path === "$") return result;\n  const sanitizedPath = path.replace(/^\\$\\.?/, "");', times: 1,
  },
  {
    why: 'a Pass result of 0, false or "" is passed over',
    find: /if \(this\.stateDefinition\.Result\) \{/g, replace: 'if (this.stateDefinition.Result !== void 0) {', times: 1,
  },
  {
    why: 'the context of a branch or an iteration is that of the execution, not its own',
    find: /Input: input,\s+StartTime: .*new Date\(\)\)\.toISOString\(\)/g, replace: '', times: 1,
  },
  {
    why: 'the default time-out of a task',
    find: /var DEFAULT_TIMEOUT_SECONDS = 60;/g, replace: 'var DEFAULT_TIMEOUT_SECONDS = 99999999;', times: 1,
  },
  {
    why: 'Node 20 has no such function',
    find: /Promise\.withResolvers\(\)/g, replace: 'withResolvers()', times: 1,
  },
  {
    why: 'time-outs are thrown by the tasks here, which know what to stop',
    find: /!\(error instanceof StatesTimeoutError\)/g, replace: 'error.name !== "States.Timeout"', times: 2,
  },
  {
    why: 'events are needed as they happen, not when a generator is next read',
    find: /const eventLogger = new EventLogger\(\);/g, replace: 'const eventLogger = new EventLogger(); eventLogger.onEvent = options?.onEvent;', times: 1,
  },
  { why: 'as above', find: /this\.eventQueue\.push\(event\);/g, replace: 'this.onEvent?.(event);', times: 1 },
];

/** Runs sequences of states (a machine, a branch, an iteration) by a maintained library, on the twin's clock and randomness. */
export class Interpreter {
  private readonly library: Library;

  constructor(clock: Clock, random: Random) {
    this.library = load(clock, random);
  }

  /** Throws in the library's words if the definition as a whole is malformed. */
  validate(definition: Definition): void {
    // A copy, for the validator writes defaults into what it is given.
    new this.library.StateMachine(structuredClone(definition));
  }

  /** What a payload template or a path comes to. */
  async evaluate(template: unknown, input: unknown, context: object): Promise<Json> {
    const states = { Only: { Type: 'Pass', Parameters: typeof template === 'string' ? { 'value.$': template } : { value: template }, End: true } };
    try {
      return ((await this.run({ StartAt: 'Only', States: states }, input, { context }).result) as { value: Json }).value;
    } catch (error) {
      throw (error as Error).cause ?? error;
    }
  }

  run(definition: object, input: unknown, options: RunOptions): Run {
    return new this.library.StateMachine(definition, { validationOptions: { noValidate: true } }).run(input, options);
  }
}

let source: { readonly code: string; readonly path: string } | undefined;

function load(clock: Clock, random: Random): Library {
  source ??= readCorrected();
  const libraryRequire = createRequire(source.path);
  // The library's own Lambda client is never used: every task has a handler.
  const requireWithoutSdk = (id: string): unknown => (id.startsWith('@aws-sdk/') ? {} : libraryRequire(id));
  const module = { exports: {} as Library };
  const environment: Record<string, unknown> = { module, exports: module.exports, require: requireWithoutSdk, ...virtualGlobals(clock, random) };
  // Compiled in this realm: the library tells plain objects by their prototype.
  new Function(...Object.keys(environment), source.code)(...Object.values(environment));
  return module.exports;
}

function readCorrected(): { code: string; path: string } {
  const path = require.resolve(LIBRARY);
  let code = readFileSync(path, 'utf8');
  for (const { why, find, replace, times } of CORRECTIONS) {
    const found = code.match(find)?.length ?? 0;
    if (found !== times) {
      throw new Error(`${LIBRARY} at ${path} has changed: expected ${find} ${times} times, found ${found}; review the correction "${why}"`);
    }
    code = code.replace(find, replace);
  }
  return { code, path };
}

function virtualGlobals(clock: Clock, random: Random): Record<string, unknown> {
  class VirtualDate extends Date {
    constructor(...parts: unknown[]) {
      super(...((parts.length === 0 ? [clock.now()] : parts) as []));
    }

    static override now(): number {
      return clock.now();
    }
  }
  return {
    Date: VirtualDate,
    Math: Object.create(Math, { random: { value: () => random.next() } }),
    withResolvers,
    setTimeout: (run: () => void, milliseconds: number): Timer => clock.after(Math.max(0, milliseconds), 'step functions', run),
    clearTimeout: (timer?: Timer): void => timer?.cancel(),
  };
}

function withResolvers(): { promise: Promise<unknown>; resolve: (value: unknown) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: unknown) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise((yes, no) => { resolve = yes; reject = no; });
  return { promise, resolve, reject };
}
