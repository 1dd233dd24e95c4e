/** When something strikes during an invocation. Calls are counted from 1 within the invocation. */
export type Moment =
  /** Before the handler runs. */
  | { readonly at: 'start' }
  /** The handler's call has arrived and has had no effect. */
  | { readonly at: 'request'; readonly call: number }
  /** The call has had its effect, and the handler does not know. */
  | { readonly at: 'answer'; readonly call: number }
  /** The handler has done everything, and Lambda does not know. */
  | { readonly at: 'end' };

export interface InvocationIdentity {
  readonly functionName: string;
  readonly requestId: string;
}

/** What can go wrong with functions beyond what goes wrong with their calls. */
export interface InvocationFaults {
  /** True to kill the function's process at this moment. */
  crash?(invocation: InvocationIdentity, moment: Moment): boolean;
  /** True to let this invocation hang until the function's time-out; the handler does not run. */
  hang?(invocation: InvocationIdentity): boolean;
  /** True to start a process of its own for this invocation, though a warm one is there. */
  coldStart?(invocation: InvocationIdentity): boolean;
  /** By how many milliseconds the clock of the process that is to run this invocation is ahead, all its life; negative: behind. */
  clockSkew?(invocation: InvocationIdentity): number;
  /** True to deliver this asynchronous event a second time, as Lambda may at any time. */
  duplicate?(invocation: InvocationIdentity): boolean;
}
