/* eslint-disable @typescript-eslint/no-explicit-any -- commands have the shapes of the AWS SDK */

/** A client that sends its commands to a test; the SDK's paginators take only clients of their own class. */
export function clientOf<T extends object>(Client: { readonly prototype: T }, send: (command: any) => Promise<any>): T {
  return Object.assign(Object.create(Client.prototype) as T, { send });
}
