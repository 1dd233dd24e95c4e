import * as autoscaling from '@aws-sdk/client-application-auto-scaling';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as codepipeline from '@aws-sdk/client-codepipeline';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sagemaker from '@aws-sdk/client-sagemaker';
import * as runtime from '@aws-sdk/client-sagemaker-runtime';
import * as stepfunctions from '@aws-sdk/client-sfn';
import { SIGNED_CALLS, SignedCalls } from './signed-calls';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** What the clients of the SDK are made with. */
export interface Connection {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

/** Clients by signing name. */
const CLIENTS: Readonly<Record<string, [module: any, client: string]>> = {
  'application-autoscaling': [autoscaling, 'ApplicationAutoScalingClient'],
  cloudformation: [cloudformation, 'CloudFormationClient'],
  codepipeline: [codepipeline, 'CodePipelineClient'],
  events: [eventbridge, 'EventBridgeClient'],
  lambda: [lambda, 'LambdaClient'],
  monitoring: [cloudwatch, 'CloudWatchClient'],
  s3: [s3, 'S3Client'],
  sagemaker: [sagemaker, 'SageMakerClient'],
  'sagemaker-runtime': [runtime, 'SageMakerRuntimeClient'],
  states: [stepfunctions, 'SFNClient'],
};

/** The account's public endpoints. */
export class Cloud {
  private readonly clients = new Map<string, any>();
  private readonly signed: SignedCalls;

  constructor(private readonly connection: Connection) {
    this.signed = new SignedCalls(connection);
  }

  /** One call, by signing name of the service and name of the operation. */
  async call(service: string, operation: string, input: Record<string, unknown> = {}): Promise<any> {
    if (SIGNED_CALLS[service] !== undefined) return this.signed.call(service, operation, input);
    const name = operation.startsWith('InvokeEndpoint') ? 'sagemaker-runtime' : service;
    const [module] = CLIENTS[name] ?? [];
    const Command = module?.[`${operation}Command`];
    if (Command === undefined) throw new Error(`no client here makes the call ${service}:${operation}`);
    const output = await this.client(name).send(new Command(input));
    return output.Body?.transformToByteArray === undefined ? output : { ...output, Body: await output.Body.transformToByteArray() };
  }

  /** Every item of a list that comes in pages. */
  async list(service: string, operation: string, member: string, input: Record<string, unknown> = {}): Promise<any[]> {
    const items: any[] = [];
    for (let token: Record<string, unknown> | undefined = {}; token !== undefined;) {
      const page: any = await this.call(service, operation, { ...input, ...token });
      items.push(...page[member] ?? []);
      token = nextPage(page);
    }
    return items;
  }

  /** Undefined if the service says that there is no such thing. */
  async find(service: string, operation: string, input: Record<string, unknown>): Promise<any | undefined> {
    try {
      return await this.call(service, operation, input);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async upload(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    await this.call('s3', 'PutObject', { Bucket: bucket, Key: key, Body: Buffer.from(body) });
  }

  async read(bucket: string, key: string): Promise<Buffer> {
    return Buffer.from((await this.call('s3', 'GetObject', { Bucket: bucket, Key: key })).Body);
  }

  async readJson(bucket: string, key: string): Promise<any> {
    return JSON.parse((await this.read(bucket, key)).toString('utf8'));
  }

  /** The account's twelve digits, by a call that every account can make. */
  async accountId(): Promise<string> {
    const { Arn } = await this.call('events', 'DescribeEventBus', { Name: 'default' });
    return String(Arn).split(':')[4]!;
  }

  /** Requests to an endpoint are made once: an error shall be counted, not hidden. */
  private client(name: string): any {
    let client = this.clients.get(name);
    if (client === undefined) {
      const [module, constructor] = CLIENTS[name]!;
      this.clients.set(name, client = new module[constructor]({ ...this.connection, maxAttempts: name === 'sagemaker-runtime' ? 1 : 5 }));
    }
    return client;
  }
}

/** Names that services give to the token of the next page. */
function nextPage(page: any): Record<string, unknown> | undefined {
  for (const name of ['NextToken', 'nextToken', 'NextMarker', 'NextContinuationToken']) {
    if (page[name] === undefined || page[name] === '') continue;
    return name === 'NextMarker' ? { Marker: page[name] } : name === 'NextContinuationToken' ? { ContinuationToken: page[name] } : { [name]: page[name] };
  }
  return page.IsTruncated === true && page.NextKeyMarker !== undefined ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
}

export function isMissing(error: unknown): boolean {
  const { name = '', message = '' } = error as Error;
  return /NotFound|NoSuch|DoesNotExist|ResourceNotFound|404/.test(name) || /could not find|does not exist|not found/i.test(message);
}
