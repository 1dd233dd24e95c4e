import { ARTIFACT_PREFIXES } from '../../lib/data/artifact-keys.contract';
import type { CallRequest, Fault, FaultPlan } from '../../twin';
import { AwsError } from '../../twin';
import type { BusEvent } from '../../twin/services/events';
import type { InvocationFaults, InvocationIdentity, Moment } from '../../twin/services/lambda';
import { EVENT, PIPELINES_CREDENTIALS, TRANSFORM_JOB, TRAINING_JOB, nameOf, type CallFault, type Triple } from './triples';

const MINUTE = 60_000;
const LONG_DELAY = 150 * MINUTE;
const OVERTAKEN_AFTER = 2 * MINUTE;
/** After a change of an alarm nothing follows before the next full hour. */
const ALARM_OVERTAKEN_AFTER = 65 * MINUTE;

/** A fault that waits for its moment. */
export interface Armed extends Triple {
  /** Moments it lets pass. */
  readonly skip: number;
  /** Calls in a row that it strikes: one is made good by the SDK, three exhaust its patience. */
  readonly times: number;
}

interface Waiting extends Armed {
  passed: number;
  struck: number;
}

/** More than any service takes from a signature's clock. */
const WRONG_BY = 20 * MINUTE;
const WRONG_CLOCKS = { 'clock ahead': WRONG_BY, 'clock behind': -WRONG_BY } as const;

export function isScheduled(event: BusEvent): boolean {
  return event.source === 'aws.events';
}

/** Kind of an event for which rules differ. */
export function kindOf(event: BusEvent): string {
  // Of a schedule, the logical id of its rule, without its hash.
  if (isScheduled(event)) return `${event['detail-type']} ${/\/[^-]+-(.*?)([0-9A-F]{8})?-[^-]*$/.exec(event.resources[0]!)?.[1] ?? ''}`;
  const detail = event.detail as { state?: unknown; ModelApprovalStatus?: string; object?: { key: string } };
  if (detail.object !== undefined) return `${event['detail-type']} ${detail.object.key.endsWith('_SUCCESS') ? '_SUCCESS' : 'other'}`;
  const state = typeof detail.state === 'string' ? detail.state : (detail.state as { value?: string } | undefined)?.value ?? detail.ModelApprovalStatus;
  return state === undefined ? event['detail-type'] : `${event['detail-type']} ${state}`;
}

/** A fault that no single call meets: it has struck once this operation is called while it lasts. */
export interface Condition {
  readonly triple: Triple;
  readonly operation: string;
  /** @default - any call of it */
  readonly where?: (call: CallRequest) => boolean;
  readonly effect?: (call: CallRequest) => void;
}

/** Strikes where a schedule says, remembers what struck, and what was there to be struck. */
export class Injector implements FaultPlan, InvocationFaults {
  readonly fired = new Set<string>();
  /** How often each handler made which call. */
  readonly calls = new Map<string, Map<string, number>>();
  /** Operations of SageMaker seen, whoever called them. */
  readonly sagemaker = new Set<string>();
  /** No event is on its way later than this. */
  delayedUntil = 0;
  private waiting: Waiting[] = [];
  private conditions: Condition[] = [];
  private readonly doomed = new Set<string>();
  /** How far the clocks of functions are ahead, as long as the faults are armed. */
  private readonly clocks = new Map<string, number>();
  /** By physical name of the function. */
  private readonly handlers = new Map<string, string | undefined>();
  private overtaken: { triple: Triple; until: number } | undefined;

  /** `byLogicalId` names the handlers of the stack's functions. */
  constructor(private readonly now: () => number, private readonly byLogicalId: ReadonlyMap<string, string>) {}

  arm(faults: readonly Armed[]): void {
    this.waiting = faults.map((fault) => ({ ...fault, passed: 0, struck: 0 }));
    this.conditions = [];
    this.doomed.clear();
    this.clocks.clear();
  }

  expect(condition: Condition): void {
    this.conditions.push(condition);
  }

  decide(call: CallRequest): Fault | undefined {
    this.meetConditions(call);
    if (call.service === 'sagemaker') this.sagemaker.add(call.operation);
    const { functionName, caller } = call;
    const handler = functionName === undefined ? undefined : this.handlerOf(functionName);
    if (functionName === undefined || handler === undefined) return this.jobFault(call);
    // An artifact is read with credentials that CodePipeline hands over.
    const own = caller.kind === 'role' && caller.sessionName === functionName;
    const name = `${call.service}:${call.operation}${own ? '' : PIPELINES_CREDENTIALS}`;
    const seen = this.calls.get(handler) ?? new Map<string, number>();
    this.calls.set(handler, seen.set(name, (seen.get(name) ?? 0) + 1));
    const strike = this.due((fault) => fault.subject === handler && fault.call === name);
    return strike && this.asFault(strike.fault as CallFault, functionName);
  }

  crash({ functionName }: InvocationIdentity, { at }: Moment): boolean {
    if (at === 'answer') return this.doomed.delete(functionName);
    if (at === 'request') return false;
    const handler = this.handlerOf(functionName);
    return this.due(({ subject, call, fault }) => subject === handler && call === 'invocation' && fault === `killed at the ${at}`) !== undefined;
  }

  hang({ functionName }: InvocationIdentity): boolean {
    const handler = this.handlerOf(functionName);
    return this.due(({ subject, call, fault }) => subject === handler && call === 'invocation' && fault === 'hung') !== undefined;
  }

  /** A call whose answer a warm process keeps is made by a cold one only. */
  coldStart({ functionName }: InvocationIdentity): boolean {
    const handler = this.handlerOf(functionName);
    return this.waiting.some(({ subject, call, struck }) => subject === handler && call !== 'invocation' && struck === 0);
  }

  clockSkew({ functionName }: InvocationIdentity): number {
    const handler = this.handlerOf(functionName);
    const strike = this.due(({ subject, call, fault }) => subject === handler && call === 'invocation' && fault in WRONG_CLOCKS);
    if (strike !== undefined) this.clocks.set(functionName, WRONG_CLOCKS[strike.fault as keyof typeof WRONG_CLOCKS]);
    return this.clocks.get(functionName) ?? 0;
  }

  /** When copies of an event set out. */
  deliver(event: BusEvent): readonly number[] {
    const now = this.now();
    if (this.overtaken !== undefined && now <= this.overtaken.until) this.struck(this.overtaken.triple);
    this.overtaken = undefined;
    const kind = kindOf(event);
    const strike = this.waiting.find((fault) => fault.subject === EVENT && fault.call === kind && fault.struck === 0);
    if (strike === undefined) return [0];
    strike.struck = 1;
    if (strike.fault === 'reordered') {
      const delay = kind.startsWith('CloudWatch Alarm') ? ALARM_OVERTAKEN_AFTER : OVERTAKEN_AFTER;
      this.overtaken = { triple: strike, until: now + delay };
      return this.late(delay);
    }
    this.struck(strike);
    switch (strike.fault) {
      case 'dropped': return [];
      case 'duplicated': return [0, ...this.late(MINUTE)];
      default: return this.late(LONG_DELAY);
    }
  }

  /** CloudFormation names a function by its stack, the beginning of its logical id and a suffix. */
  private handlerOf(functionName: string): string | undefined {
    if (!this.handlers.has(functionName)) {
      const [, part] = /^[^-]+-([A-Za-z0-9]+)-[A-Z0-9]+$/.exec(functionName) ?? [];
      const found = [...this.byLogicalId].filter(([logicalId]) => part !== undefined && logicalId.startsWith(part));
      this.handlers.set(functionName, found.length === 1 ? found[0]![1] : undefined);
    }
    return this.handlers.get(functionName);
  }

  private struck(triple: Triple): void {
    this.fired.add(nameOf(triple));
  }

  private meetConditions(call: CallRequest): void {
    const met = this.conditions.filter(({ operation, where }) => operation === call.operation && (where === undefined || where(call)));
    this.conditions = this.conditions.filter((condition) => !met.includes(condition));
    for (const { triple, effect } of met) {
      this.struck(triple);
      effect?.(call);
    }
  }

  private late(delay: number): number[] {
    this.delayedUntil = Math.max(this.delayedUntil, this.now() + delay);
    return [delay];
  }

  /** A job that may not read its data fails, as by a bucket policy gone wrong. */
  private jobFault({ service, operation, caller, input }: CallRequest): Fault | undefined {
    if (service !== 's3' || operation !== 'GetObject' || caller.kind !== 'role' || caller.sessionName !== 'SageMaker') return undefined;
    const reader = String(input.Key).startsWith(ARTIFACT_PREFIXES.requests) ? TRANSFORM_JOB : TRAINING_JOB;
    const strike = this.due(({ subject, fault }) => subject === reader && fault === 'failed');
    return strike && new AwsError('AccessDenied', 'Access Denied (injected)', 403);
  }

  private asFault(fault: CallFault, functionName: string): Fault | undefined {
    switch (fault) {
      case 'throttled': return 'throttle';
      case 'server error': return 'server-error';
      case 'timed out before': return 'lost-request';
      case 'timed out after': return 'lost-response';
      case 'broken off': return 'broken-body';
      case 'killed before':
        this.doomed.add(functionName);
        return 'lost-request';
      case 'killed after':
        this.doomed.add(functionName);
        return undefined;
    }
  }

  private due(matches: (fault: Waiting) => boolean): Waiting | undefined {
    const found = this.waiting.find((fault) => fault.struck < fault.times && matches(fault));
    if (found === undefined) return undefined;
    if (found.passed < found.skip) {
      found.passed += 1;
      return undefined;
    }
    found.struck += 1;
    this.struck(found);
    return found;
  }
}
