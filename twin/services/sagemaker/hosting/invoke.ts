import { AwsError, Operation } from '../../../service';
import { World } from '../../../world';
import type { ContainerResponse } from '../../../jobs/model-server';
import { HostingConditions } from './conditions';
import { Fleet, FleetVariant } from './fleet';
import { HostingState } from './state';

/** Virtual microseconds a container takes, and SageMaker around it. The spread is drawn from the seed: wall time never enters. */
const MODEL_LATENCY = 5_000;
const OVERHEAD_LATENCY = 1_500;
const SPREAD = 0.4;
/** After a minute SageMaker gives up on an answer, in these words. */
const TIME_LIMIT = 60_000_000;
const TIMED_OUT = 'Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.';

interface Invocation {
  readonly EndpointName: string;
  readonly Body?: Uint8Array | string;
  readonly ContentType?: string;
  readonly Accept?: string;
  readonly CustomAttributes?: string;
  readonly TargetModel?: string;
  readonly TargetVariant?: string;
  readonly TargetContainerHostname?: string;
  readonly InferenceComponentName?: string;
  readonly InferenceId?: string;
}

/** `InvokeEndpoint`, of sagemaker-runtime: it signs as sagemaker. */
export function invokeOperation(world: World, state: HostingState, conditions: HostingConditions): Operation {
  return {
    authorize: ({ EndpointName, TargetModel }: Invocation) => [{
      action: 'sagemaker:InvokeEndpoint', resource: state.endpoints.arn(EndpointName),
      ...(TargetModel !== undefined && { context: { 'sagemaker:TargetModel': TargetModel } }),
    }],
    run: (input: Invocation) => invoke(world, state, conditions, input),
  };
}

async function invoke(world: World, state: HostingState, conditions: HostingConditions, input: Invocation) {
  const unknown = (['TargetModel', 'TargetContainerHostname', 'InferenceComponentName'] as const).find((name) => input[name] !== undefined);
  if (unknown) throw new AwsError('NotImplemented', `the twin does not implement ${unknown} of InvokeEndpoint`, 501);
  const endpoint = state.endpoints.find(input.EndpointName);
  const live = endpoint?.live;
  if (!endpoint || !live || endpoint.status === 'OutOfService') throw new AwsError('ValidationError', `Endpoint ${input.EndpointName} of account ${world.account} not found.`);
  const fleet = route(world, live, endpoint.pending?.fleet ?? endpoint.stranded);
  const variant = fleet.variant(input.TargetVariant);
  if (!variant?.server) throw new AwsError('ValidationError', `Variant ${input.TargetVariant} of endpoint ${input.EndpointName} not found.`);
  const body = Buffer.from(input.Body ?? '');
  const record = variant.capture?.sample();
  const { milliseconds, mebibytes } = conditions.burdenOf(input.EndpointName);
  const timing = timingOf(world, milliseconds);
  const inTime = timing.busy <= TIME_LIMIT;
  const answer = inTime ? await send(variant, input, body).catch((error: Error) => error) : new Error(TIMED_OUT);
  const response = answer instanceof Error ? undefined : answer;
  const failed = response === undefined || response.status < 200 || response.status > 299;
  count(world, fleet, variant, { status: response?.status, ...timing }, failed);
  variant.instances.record(timing.busy, mebibytes);
  if (failed) throw modelError(world, input.EndpointName, variant.name, response, answer);
  const contentType = header(response, 'content-type');
  record?.({
    request: { body, contentType: input.ContentType ?? 'application/octet-stream' },
    response: { body: response.body, contentType: contentType ?? 'application/octet-stream' },
    inferenceId: input.InferenceId,
  });
  return {
    Body: response.body,
    ContentType: contentType,
    InvokedProductionVariant: variant.name,
    CustomAttributes: header(response, 'x-amzn-sagemaker-custom-attributes'),
  };
}

/** During a deployment each fleet gets its present share. */
function route(world: World, live: Fleet, pending: Fleet | undefined): Fleet {
  if (!pending || pending === live || pending.share === 0) return live;
  if (pending.share === 1) return pending;
  return world.random.next() < pending.share ? pending : live;
}

function send(variant: FleetVariant, input: Invocation, body: Buffer): Promise<ContainerResponse> {
  const headers: Record<string, string> = {
    ...(input.ContentType !== undefined && { 'content-type': input.ContentType }),
    ...(input.Accept !== undefined && { accept: input.Accept }),
    ...(input.CustomAttributes !== undefined && { 'x-amzn-sagemaker-custom-attributes': input.CustomAttributes }),
    ...(input.InferenceId !== undefined && { 'x-amzn-sagemaker-inference-id': input.InferenceId }),
  };
  return variant.server!.invoke({ method: 'POST', path: '/invocations', headers, body });
}

/** How long the container is busy, and what of that SageMaker waits for. */
function timingOf(world: World, milliseconds: number | undefined): { busy: number; latency: number; overhead: number } {
  const drawn = (mean: number) => Math.round(mean * (1 + SPREAD * (world.random.next() - 0.5)));
  const busy = milliseconds === undefined ? drawn(MODEL_LATENCY) : milliseconds * 1_000;
  return { busy, latency: Math.min(busy, TIME_LIMIT), overhead: drawn(OVERHEAD_LATENCY) };
}

function count(world: World, fleet: Fleet, variant: FleetVariant, outcome: { status?: number; latency: number; overhead: number }, failed: boolean): void {
  fleet.requests++;
  if (failed) {
    fleet.errors++;
    fleet.firstErrorAt ??= world.clock.date();
  }
  variant.metrics.record({ ...outcome, instances: Math.max(1, variant.currentInstanceCount) });
}

function modelError(world: World, endpoint: string, variant: string, response: ContainerResponse | undefined, answer: ContainerResponse | Error): AwsError {
  // Of a request without an answer SageMaker says `Received server error (0)`.
  const OriginalStatusCode = response?.status ?? 0;
  const OriginalMessage = response ? response.body.toString('utf8').slice(0, 1_024) : (answer as Error).message;
  const kind = OriginalStatusCode >= 400 && OriginalStatusCode < 500 ? 'client' : 'server';
  const group = `/aws/sagemaker/Endpoints/${endpoint}`;
  const Message = `Received ${kind} error (${OriginalStatusCode}) from primary with message "${OriginalMessage}". ` +
    `See ${group} in account ${world.account} for more information.`;
  return new AwsError('ModelError', Message, 424, {
    Message, OriginalStatusCode, OriginalMessage, LogStreamArn: world.arn('logs', `log-group:${group}:log-stream:${variant}`),
  });
}

function header(response: ContainerResponse, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
