import { AwsError } from '../../service';

export interface Runtime {
  /** From Node.js 24 on, a handler cannot take a callback. */
  readonly allowCallback: boolean;
}

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  'nodejs20.x': { allowCallback: true },
  'nodejs22.x': { allowCallback: true },
  'nodejs24.x': { allowCallback: false },
};

/** Every Node.js runtime runs on the Node.js that runs the twin. */
export function runtimeOf(name: string): Runtime {
  const runtime = RUNTIMES[name];
  if (runtime === undefined) {
    throw new AwsError('InvalidParameterValueException', `the twin cannot run functions of the runtime ${name}; it runs ${Object.keys(RUNTIMES).join(', ')}`);
  }
  return runtime;
}
