import type { Context } from 'aws-lambda';

export type Handler<E, R> = (event: E, context: Context) => Promise<R>;

/** A Lambda entry point whose environment is read and whose clients are made at the first call, not at import. */
export function lazyHandler<E, R>(create: () => Handler<E, R>): Handler<E, R> {
  let handler: Handler<E, R> | undefined;
  return (event, context) => (handler ??= create())(event, context);
}
