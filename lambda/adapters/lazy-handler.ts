import type { Context } from 'aws-lambda';
import { isTransient, TransientError } from './transient';

export type Handler<E, R> = (event: E, context: Context) => Promise<R>;

/**
 * A Lambda entry point whose environment is read and whose clients are made at the first call, not at import. What AWS may
 * answer a little later leaves it as a `TransientError`.
 */
export function lazyHandler<E, R>(create: () => Handler<E, R>): Handler<E, R> {
  let handler: Handler<E, R> | undefined;
  return async (event, context) => {
    try {
      return await (handler ??= create())(event, context);
    } catch (error) {
      throw isTransient(error) ? TransientError.of(error) : error;
    }
  };
}
