import { callWithRetries } from '../../retry';
import { ADMINISTRATOR, type ResourceHandle, type ResourceProvider, type ResourceRequest } from '../../service';
import type { World } from '../../world';
import { PartlyMade } from './errors';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties and answers are the user's own */

/** The HTTP front hands a PUT under this path to `CustomResources.respond`. */
export const RESPONSE_PATH = '/cloudformation-responses/';

const DEFAULT_TIMEOUT_SECONDS = 3_600;
const MAX_RESPONSE_BYTES = 4_096;

interface Response {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, any>>;
}

interface Waiting {
  readonly expected: { readonly StackId: string; readonly RequestId: string; readonly LogicalResourceId: string };
  settle(response: Response): void;
}

/** A custom resource answered that it failed. */
class Refused extends Error {
  constructor(message: string, readonly physicalId: string) {
    super(message);
  }
}

/** Custom resources: a function (or topic) is told what to do and answers by a PUT to the URL it was given. */
export class CustomResources {
  private readonly waiting = new Map<string, Waiting>();

  readonly provider: ResourceProvider = {
    properties: ['*'],
    createOnly: ['ServiceToken'],
    create: async (request) => {
      const physicalId = request.generateName(128);
      try {
        return handleOf(await this.ask(request, 'Create', {}));
      } catch (error) {
        // The answer may have been lost after the work was done, so the rollback sends a Delete.
        const known = error instanceof Refused ? error.physicalId : undefined;
        throw new PartlyMade((error as Error).message, { physicalId: known || physicalId });
      }
    },
    update: async (request, existing, previous) => handleOf(await this.ask(request, 'Update', {
      PhysicalResourceId: existing.physicalId, OldResourceProperties: asText(previous),
    })),
    delete: async (request, existing) => {
      await this.ask(request, 'Delete', { PhysicalResourceId: existing.physicalId });
    },
  };

  constructor(private readonly world: World) {}

  /** Takes an answer; false if nobody waits for one under this token. */
  respond(token: string, body: string): boolean {
    const waiting = this.waiting.get(token);
    if (waiting === undefined) return false;
    waiting.settle(checked(body, waiting.expected));
    return true;
  }

  private async ask(request: ResourceRequest, RequestType: 'Create' | 'Update' | 'Delete', more: Record<string, any>): Promise<Response> {
    const { clock, random, endpoint } = this.world;
    const { ServiceToken, ServiceTimeout } = request.properties;
    const seconds = Number(ServiceTimeout ?? DEFAULT_TIMEOUT_SECONDS);
    if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= DEFAULT_TIMEOUT_SECONDS)) {
      throw new Error(`ServiceTimeout ${JSON.stringify(ServiceTimeout)} must be a whole number from 1 to ${DEFAULT_TIMEOUT_SECONDS}`);
    }
    const expected = { StackId: request.stackId, RequestId: random.uuid(), LogicalResourceId: request.logicalId };
    const token = random.text(40);
    const answer = new Promise<Response>((resolve, reject) => {
      const timer = clock.after(seconds * 1_000, `time-out of custom resource ${request.logicalId}`, () => {
        this.waiting.delete(token);
        reject(new Error('CloudFormation did not receive a response from your Custom Resource. '
          + `Please check your logs for requestId [${expected.RequestId}].`));
      });
      this.waiting.set(token, {
        expected,
        settle: (response) => {
          timer.cancel();
          this.waiting.delete(token);
          resolve(response);
        },
      });
    });
    answer.catch(() => undefined); // awaited below, unless sending fails
    await this.send(String(ServiceToken), {
      RequestType, ServiceToken, ResponseURL: `${endpoint}${RESPONSE_PATH}${token}`, ...expected,
      ResourceType: request.type, ResourceProperties: asText(request.properties), ...more,
    });
    const response = await answer;
    if (response.Status === 'SUCCESS') return response;
    throw new Refused(
      `Received response status [FAILED] from custom resource. Message returned: ${response.Reason} (RequestId: ${expected.RequestId})`,
      response.PhysicalResourceId,
    );
  }

  private async send(serviceToken: string, event: Record<string, any>): Promise<void> {
    const message = JSON.stringify(event);
    const service = serviceToken.split(':')[2];
    if (service === 'lambda') {
      await callWithRetries(this.world, {
        service: 'lambda', operation: 'Invoke', caller: ADMINISTRATOR,
        input: { FunctionName: serviceToken, InvocationType: 'Event', Payload: Buffer.from(message) },
      });
    } else if (service === 'sns') {
      const input = { TopicArn: serviceToken, Subject: 'AWS CloudFormation custom resource request', Message: message };
      await callWithRetries(this.world, { service: 'sns', operation: 'Publish', caller: ADMINISTRATOR, input });
    } else throw new Error(`ServiceToken ${JSON.stringify(serviceToken)} must be the ARN of a Lambda function or an SNS topic`);
  }
}

function handleOf(response: Response): ResourceHandle {
  return { physicalId: response.PhysicalResourceId, attributes: response.Data ?? {} };
}

/** An answer that is not in order counts as a failure, and says what is wrong. */
function checked(body: string, expected: Waiting['expected']): Response {
  const failed = (Reason: string): Response => ({ Status: 'FAILED', Reason, PhysicalResourceId: '' });
  if (Buffer.byteLength(body) > MAX_RESPONSE_BYTES) return failed(`Response object is too long (${Buffer.byteLength(body)} bytes, at most ${MAX_RESPONSE_BYTES}).`);
  let response: any;
  try {
    response = JSON.parse(body);
  } catch {
    return failed('Invalid response: the body is not JSON.');
  }
  for (const [name, value] of Object.entries(expected)) {
    if (response[name] !== value) return failed(`Invalid response: ${name} is ${JSON.stringify(response[name])}, expected ${JSON.stringify(value)}.`);
  }
  if (!['SUCCESS', 'FAILED'].includes(response.Status)) return failed(`Invalid response: Status is ${JSON.stringify(response.Status)}.`);
  if (typeof response.PhysicalResourceId !== 'string' || response.PhysicalResourceId === '') return failed('Invalid PhysicalResourceId');
  if (response.Status === 'FAILED' && !response.Reason) return failed('Invalid response: a FAILED answer needs a Reason.');
  return response;
}

/** CloudFormation hands every number and boolean to a custom resource as text. */
function asText(value: any): any {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asText(item)]));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
