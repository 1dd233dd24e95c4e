import { IamSimulation } from '../../twin/http';
import type { Authorizer, AuthorizationRequest, Decision, Principal, Twin } from '../../twin';
import type { IamService } from '../../twin/services/iam';

/** A permission that was asked for while the loop ran. */
export interface Observation {
  readonly principal: Principal;
  readonly request: AuthorizationRequest;
  readonly time: number;
  /** Why it was refused; undefined if it was not. */
  readonly refusal?: string;
}

/** Decides as the twin does by itself, and remembers every different question. */
export class Observer implements Authorizer {
  private readonly seen = new Map<string, Observation>();
  private simulation: IamSimulation | undefined;

  /** Before the twin is asked for the first permission. */
  async attach(twin: Twin): Promise<void> {
    const { clock, account, region, partition } = twin;
    this.simulation = await IamSimulation.load({ clock, account, region, partition, policies: twin.service<IamService>('iam') });
  }

  async decide(principal: Principal, request: AuthorizationRequest, time: number): Promise<Decision> {
    if (this.simulation === undefined) throw new Error('the observer is not attached to its twin');
    const decision = await this.simulation.decide(principal, request, time);
    if (principal.kind !== 'administrator') this.note({ principal, request, time, refusal: decision.allowed ? undefined : decision.reason ?? 'refused' });
    return decision;
  }

  get allowed(): Observation[] {
    return [...this.seen.values()].filter(({ refusal }) => refusal === undefined);
  }

  get refused(): Observation[] {
    return [...this.seen.values()].filter(({ refusal }) => refusal !== undefined);
  }

  /** Of equal questions the last one counts: by then all policies of the resource were there. */
  private note(observation: Observation): void {
    const { principal, request: { action, resource, context }, refusal } = observation;
    const who = principal.kind === 'role' ? [principal.roleArn, principal.sessionPolicy] : principal;
    this.seen.set(JSON.stringify([who, action, resource, context, refusal !== undefined]), observation);
  }
}
