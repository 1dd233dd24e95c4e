/** A call made on the twin and on moto. `{name.Member}` in an input stands for what the call saved under that name was answered. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  /** Members of the answer that are to be the same, `Member.0.Name`. */
  readonly same?: readonly string[];
  readonly save?: string;
}

export type Calls = (operation: string, input?: object, more?: Partial<Pick<Call, 'same' | 'save'>>) => Call;

export const of = (service: string): Calls => (operation, input = {}, more = {}) => ({ service, operation, input, ...more });
