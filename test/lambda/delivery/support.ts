import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { NoSuchKey, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { CodePipelineEvent, Context } from 'aws-lambda';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

// The handlers' own log lines are not what is tested.
process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';

export const GROUP = 'models';
export const packageArn = (version: number, group = GROUP) => `arn:aws:sagemaker:us-east-1:123456789012:model-package/${group}/${version}`;
/** Where rollbacks of the two stages are recorded. */
export const RECORDS = ['state/staging/rolled-back.json', 'state/flights/rolled-back.json'] as const;
export const ROLLBACK_RECORDS = RECORDS.map((key) => `s3://artifacts/${key}`).join(',');
/** Such a record: packages, by version, that were rolled back in a minute. */
export const rolledBack = (endpoint: string, minutes: Readonly<Record<number, number>>) => ({
  version: 1,
  packages: Object.fromEntries(Object.entries(minutes).map(([version, minute]) =>
    [packageArn(Number(version)), { endpoint, at: new Date(minute * 60_000).toISOString(), reason: 'errors fired' }])),
});
export const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

export interface Package {
  readonly approval: string;
  readonly status?: string;
  readonly group?: string;
  readonly changedAt?: Date;
}

/** Answers the SDK from a registry and an endpoint made for a test; what was changed is in `calls`. */
export class FakeAccount {
  readonly packages = new Map<string, Package>();
  readonly calls: Array<{ name: string; input: any }> = [];
  live: string | undefined;
  releasesInFlight = 0;
  /** Objects of state by key, and how often each was written. */
  readonly objects = new Map<string, { body: string; version: number }>();

  constructor() {
    const answer = (command: any) => this.answer(command.constructor.name.replace(/Command$/, ''), command.input);
    jest.spyOn(SageMakerClient.prototype, 'send').mockImplementation(async (command: any) => answer(command));
    jest.spyOn(S3Client.prototype, 'send').mockImplementation(async (command: any) => answer(command));
    jest.spyOn(CodePipelineClient.prototype, 'send').mockImplementation(async (command: any) => answer(command));
  }

  called(name: string): any[] {
    return this.calls.filter((call) => call.name === name).map(({ input }) => input);
  }

  /** What a state object holds; undefined before it is first written. */
  stored(key: string): any {
    const object = this.objects.get(key);
    return object && JSON.parse(object.body);
  }

  store(key: string, value: unknown): void {
    this.objects.set(key, { body: JSON.stringify(value), version: 1 });
  }

  private answer(name: string, input: any): any {
    this.calls.push({ name, input });
    switch (name) {
      case 'DescribeModelPackage': return this.describe(input.ModelPackageName);
      case 'ListModelPackages': return this.list(input);
      case 'DescribeEndpoint':
        if (this.live === undefined) throw Object.assign(new Error(`Could not find endpoint "${input.EndpointName}".`), { name: 'ValidationException' });
        return { EndpointName: input.EndpointName, EndpointArn: 'arn', EndpointConfigName: 'config', EndpointStatus: 'InService', CreationTime: new Date(0), LastModifiedTime: new Date(0) };
      case 'DescribeEndpointConfig': return { ProductionVariants: [{ ModelName: 'model' }] };
      case 'DescribeModel': return { Containers: [{ ModelPackageName: this.live }] };
      case 'ListTags': return { Tags: [] };
      case 'ListPipelineExecutions': return { pipelineExecutionSummaries: Array(this.releasesInFlight).fill({ status: 'InProgress' }) };
      case 'GetObject': return this.readState(input.Key);
      case 'PutObject': return this.writeState(input);
      default: return {};
    }
  }

  private readState(key: string): any {
    const object = this.objects.get(key);
    if (object === undefined) throw new NoSuchKey({ message: 'The specified key does not exist.', $metadata: {} });
    const { body, version } = object;
    return { Body: { transformToByteArray: async () => Buffer.from(body) }, ETag: String(version) };
  }

  private writeState({ Key, Body, IfMatch, IfNoneMatch }: any): any {
    const before = this.objects.get(Key);
    const holds = IfNoneMatch === '*' ? before === undefined : String(before?.version) === IfMatch;
    if (!holds) throw new S3ServiceException({ name: 'PreconditionFailed', $fault: 'client', $metadata: { httpStatusCode: 412 } });
    const version = (before?.version ?? 0) + 1;
    this.objects.set(Key, { body: Body, version });
    return { ETag: String(version) };
  }

  private describe(arn: string): any {
    const { approval, status = 'Completed', group = GROUP, changedAt = new Date(0) } = this.packages.get(arn)!;
    return {
      ModelPackageArn: arn, ModelPackageGroupName: group, ModelPackageStatus: status, ModelApprovalStatus: approval, LastModifiedTime: changedAt,
      ModelPackageStatusDetails: { ValidationStatuses: [], ImageScanStatuses: status === 'Failed' ? [{ FailureReason: 'the artifact is gone' }] : [] },
    };
  }

  /** Filtered by approval only after the page is cut, newest first: the first page may be empty. */
  private list({ ModelApprovalStatus, NextToken }: any): any {
    const page = Number(NextToken ?? 0);
    const newestFirst = [...this.packages].reverse().slice(page, page + 1);
    return {
      ModelPackageSummaryList: newestFirst.filter(([, { approval }]) => approval === ModelApprovalStatus).map(([arn, { status = 'Completed' }]) => ({ ModelPackageArn: arn, ModelPackageStatus: status })),
      NextToken: page + 1 < this.packages.size ? String(page + 1) : undefined,
    };
  }
}

/** A job of CodePipeline's Lambda action. */
export function pipelineJob(parameters: unknown, continuation?: unknown): CodePipelineEvent {
  return {
    'CodePipeline.job': {
      id: 'job', accountId: '123456789012',
      data: {
        actionConfiguration: { configuration: { FunctionName: 'f', UserParameters: JSON.stringify(parameters) } }, inputArtifacts: [], outputArtifacts: [],
        artifactCredentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' },
        ...(continuation === undefined ? {} : { continuationToken: JSON.stringify(continuation) }),
      },
    },
  } as unknown as CodePipelineEvent;
}
