import type { Clock } from '../clock';
import { AwsError, type Call, type Operation, type Service } from '../service';
import type { CallRecord, CallRequest, World } from '../world';
import { denialMessage, type Authorizer } from './authorization';
import { failAfter, failBefore, type FaultPlan, NO_FAULTS } from './faults';
import { Models, type OperationModel } from './model';
import { checkRequest } from './request-check';
import { checkResponse } from './response-check';
import { FULL_PAGES, limitOf, type PagePlan } from './short-pages';
import type { AnsweredCall, Witness } from './witness';

export interface PipelineOptions {
  readonly world: World;
  readonly clock: Clock;
  /** By signing name; undefined if the twin has no such service. */
  readonly service: (name: string) => Service | undefined;
  readonly authorizer: Authorizer;
  readonly faults?: FaultPlan;
  /** @default - every page is as full as the caller allows */
  readonly pages?: PagePlan;
  readonly models?: Models;
  /** Every call ends up here, refused ones included. */
  readonly record: CallRecord[];
  /** @default - nobody */
  readonly witness?: Witness;
}

type Authorized = CallRecord['authorized'][number];

/** The way of every call, from a child process or in process: request check, fault, authorisation, effect, record. */
export class CallPipeline {
  readonly models: Models;
  private readonly faults: FaultPlan;
  private readonly pages: PagePlan;

  constructor(private readonly options: PipelineOptions) {
    this.models = options.models ?? Models.load();
    this.faults = options.faults ?? NO_FAULTS;
    this.pages = options.pages ?? FULL_PAGES;
  }

  async call(request: CallRequest): Promise<unknown> {
    const { clock } = this.options;
    const authorized: Authorized[] = [];
    const time = clock.now();
    let failure: unknown;
    try {
      const output = await this.perform(request, authorized);
      this.show(request, { output });
      return output;
    } catch (error) {
      failure = error;
      if (error instanceof AwsError) this.show(request, { error });
      throw error;
    } finally {
      const { service, operation, caller } = request;
      this.options.record.push({ time, service, operation, caller, authorized, ...described(failure) });
    }
  }

  private show({ service, operation: name, input }: CallRequest, answer: AnsweredCall['answer']): void {
    const operation = this.models.operation(service, name);
    if (operation !== undefined) this.options.witness?.({ operation, input, answer });
  }

  private async perform(request: CallRequest, authorized: Authorized[]): Promise<Record<string, unknown>> {
    const { world, clock } = this.options;
    const model = this.models.operation(request.service, request.operation);
    const service = this.options.service(request.service);
    const operation = service?.operations[request.operation];
    if (operation === undefined) {
      throw new AwsError('UnknownOperationException', `the twin does not implement ${request.service}:${request.operation}`, 501);
    }
    const input = request.input ?? {};
    // A check of permissions that AWS makes between its services has no model; nor can it be asked for over HTTP.
    if (model !== undefined) checkRequest(model, input);
    const fault = this.faults.decide(request, clock.now());
    failBefore(fault, request);
    const call: Call = { world, service: request.service, operation: request.operation, caller: request.caller };
    for (const needed of operation.authorize(input, call)) {
      authorized.push({ action: needed.action, resource: needed.resource, ...(needed.context && { context: needed.context }) });
      const decision = this.options.authorizer.decide(request.caller, needed, clock.now());
      const { allowed, reason } = decision instanceof Promise ? await decision : decision;
      if (!allowed) throw needed.refusal ?? denied(model, denialMessage(request.caller, needed, reason, world.account, world.partition));
    }
    const output = await this.run(operation, model, { ...request, input }, call);
    if (model !== undefined) checkResponse(model, output);
    failAfter(fault, request, output);
    return output;
  }

  /** The effect; of a listing, as much of it as AWS returns at a time. */
  private async run(operation: Operation, model: OperationModel | undefined, request: CallRequest, call: Call): Promise<Record<string, unknown>> {
    const limit = model && limitOf(model);
    if (limit === undefined) return await operation.run(request.input, call) ?? {};
    const asked: number | undefined = request.input[limit];
    const most = this.pages.most(request, asked, this.options.clock.now());
    const output: Record<string, unknown> = await operation.run({ ...request.input, ...(most !== undefined && { [limit]: most }) }, call) ?? {};
    // S3 repeats what was asked for.
    return limit in output ? { ...output, [limit]: Math.min(asked ?? S3_PAGE, S3_PAGE) } : output;
  }
}

const S3_PAGE = 1000;

/** Each protocol has its own name and status for a denial. */
function denied(operation: OperationModel | undefined, message: string): AwsError {
  if (operation === undefined) return new AwsError('AccessDeniedException', message, 403);
  if (operation.service.name === 'sns') return new AwsError('AuthorizationError', message, 403);
  switch (operation.service.protocol) {
    case 'rest-xml': return new AwsError('AccessDenied', message, 403);
    case 'query': return new AwsError('AccessDenied', message, 403);
    case 'rest-json': return new AwsError('AccessDeniedException', message, 403);
    case 'json': return new AwsError('AccessDeniedException', message, 400);
  }
}

function described(failure: unknown): Pick<CallRecord, 'error' | 'message'> {
  if (failure === undefined) return {};
  if (failure instanceof AwsError) return { error: failure.code, message: failure.message };
  return { error: failure instanceof Error ? failure.name : 'Error', message: failure instanceof Error ? failure.message : String(failure) };
}

