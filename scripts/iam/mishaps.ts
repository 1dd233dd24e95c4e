import type { CallRequest, Fault, FaultPlan } from '../../twin';

interface Mishap {
  readonly concerns: (call: CallRequest) => boolean;
  readonly fault: Fault;
}

/** Faults that are arranged one by one; each strikes as often as its call is made, until it is called off. */
export class Mishaps implements FaultPlan {
  private readonly arranged = new Set<Mishap>();

  decide(call: CallRequest): Fault | undefined {
    return [...this.arranged].find(({ concerns }) => concerns(call))?.fault;
  }

  /** Things go wrong as long as the work lasts. */
  async during<T>(fault: Fault, concerns: (call: CallRequest) => boolean, work: () => Promise<T>): Promise<T> {
    const mishap = { concerns, fault };
    this.arranged.add(mishap);
    try {
      return await work();
    } finally {
      this.arranged.delete(mishap);
    }
  }
}
