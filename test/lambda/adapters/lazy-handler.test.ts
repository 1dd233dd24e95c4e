import type { Context } from 'aws-lambda';
import { lazyHandler } from '../../../lambda/adapters/lazy-handler';
import { DatasetError } from '../../../lambda/core';
import { definitionOf, loopTemplate, resources } from '../../lib/fixtures';

const context = {} as Context;
const thrown = (error: unknown) => lazyHandler(() => async () => { throw error; })({}, context).catch((caught: unknown) => caught as Error);

test('is made at the first call, once', async () => {
  const made = jest.fn(() => async (event: number) => event + 1);
  const handler = lazyHandler(made);
  expect(made).not.toHaveBeenCalled();
  expect([await handler(1, context), await handler(2, context)]).toEqual([2, 3]);
  expect(made).toHaveBeenCalledTimes(1);
});

/* Lambda reports a handler's error by its name, and a workflow retries names. */
describe('what AWS may answer a little later', () => {
  const named = (name: string, more: object = {}) => Object.assign(new Error('no answer'), { name }, more);
  const errors: Array<[string, Error]> = [
    // As Node.js has it: http.request, "'error' with an error with the message 'Error: aborted' and code 'ECONNRESET'".
    ['a body that broke off', Object.assign(new Error('aborted'), { code: 'ECONNRESET' })],
    ['a connection that was refused', named('Error', { code: 'ECONNREFUSED' })],
    ['a name that was not found', named('Error', { code: 'ENOTFOUND' })],
    ['a connection that broke before the answer', named('TimeoutError', { $metadata: { attempts: 3 } })],
    ['a rate limit', named('ThrottlingException', { $metadata: { httpStatusCode: 400 } })],
    ['S3\'s rate limit', named('SlowDown', { $metadata: { httpStatusCode: 503 } })],
    ['an error of the service, whatever its name', named('SomethingNew', { $metadata: { httpStatusCode: 500 } })],
    ['an error that the service\'s model calls retryable', named('ModelNotReadyException', { $retryable: {} })],
  ];

  const retried = retriedNames();

  test('concerns all three workflows', () => {
    expect([...retried.keys()]).toEqual(expect.arrayContaining(['ResolveDataset', 'ScanShard', 'Retire']));
  });

  test.each(errors)('leaves under a name that every workflow retries: %s', async (_, error) => {
    const { name, message, cause } = await thrown(error) as Error;
    expect({ message, cause }).toEqual({ message: expect.stringContaining(error.message), cause: error });
    for (const [state, names] of retried) expect({ state, names }).toEqual({ state, names: expect.arrayContaining([expect.stringMatching(new RegExp(`^(${name}|States\\.ALL)$`))]) });
  });

  test.each([new DatasetError('no-rows', 'flights', undefined, 'add rows'), new TypeError('x is undefined'), named('AccessDenied', { $metadata: { httpStatusCode: 403 } })])('is not %s', async (error) => {
    expect(await thrown(error)).toBe(error);
  });
});

/** Names that each state with a function retries. */
function retriedNames(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (states: Record<string, any>): void => {
    for (const [name, state] of Object.entries(states)) {
      if (state.ItemProcessor) visit(state.ItemProcessor.States);
      if (/^<\w+>$/.test(state.Resource ?? '')) found.set(name, (state.Retry ?? []).flatMap(({ ErrorEquals }: { ErrorEquals: string[] }) => ErrorEquals));
    }
  };
  for (const machine of Object.values(resources(loopTemplate(), 'AWS::StepFunctions::StateMachine'))) visit(definitionOf(machine).States);
  return found;
}
