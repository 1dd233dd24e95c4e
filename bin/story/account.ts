import { ADMINISTRATOR, everyPage, type Twin } from '../../twin';
import type { SageMakerService } from '../../twin/services/sagemaker';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Names of what the stack made, from its outputs. */
export interface Names {
  readonly dataBucket: string;
  readonly artifactsBucket: string;
  readonly endpoint: string;
  readonly packageGroup: string;
  readonly trainingPipeline: string;
  readonly releasePipeline: string;
  readonly driftAlarm: string;
  readonly monitor: string;
  readonly loop: string;
}

export interface Execution {
  readonly pipelineExecutionId: string;
  readonly status: string;
  readonly startTime: Date;
  readonly lastUpdateTime: Date;
}

/** What people do in the account: put data, look, approve. */
export class Account {
  constructor(readonly twin: Twin, readonly names: Names) {}

  /** A listing is told as a whole, however many pages it comes in. */
  call(service: string, operation: string, input: Record<string, unknown> = {}): Promise<any> {
    return everyPage((page) => this.twin.call({ service, operation, input: page, caller: ADMINISTRATOR }), input);
  }

  async upload(bucket: string, key: string, body: string | Uint8Array): Promise<void> {
    await this.call('s3', 'PutObject', { Bucket: bucket, Key: key, Body: Buffer.from(body) });
  }

  async readJson(bucket: string, key: string): Promise<any> {
    const { Body } = await this.call('s3', 'GetObject', { Bucket: bucket, Key: key });
    return JSON.parse(Buffer.from(Body).toString('utf8'));
  }

  async keys(bucket: string, prefix: string): Promise<string[]> {
    const { Contents = [] } = await this.call('s3', 'ListObjectsV2', { Bucket: bucket, Prefix: prefix });
    return Contents.map(({ Key }: { Key: string }) => Key);
  }

  /** What each fleet of the endpoint has been asked, and failed, so far. */
  fleets(): ReadonlyArray<{ readonly config: string; readonly requests: number; readonly errors: number }> {
    return this.twin.service<SageMakerService>('sagemaker').fleetsOf(this.names.endpoint)
      .map(({ config, requests, errors }) => ({ config: config.name, requests, errors }));
  }

  async alarms(): Promise<Array<{ AlarmName: string; StateValue: string; StateReason: string; StateTransitionedTimestamp?: Date }>> {
    const { MetricAlarms = [], CompositeAlarms = [] } = await this.call('monitoring', 'DescribeAlarms');
    return [...MetricAlarms, ...CompositeAlarms];
  }

  async ringing(): Promise<string[]> {
    return (await this.alarms()).filter(({ StateValue }) => StateValue === 'ALARM').map(({ AlarmName }) => AlarmName);
  }

  async alarmState(name: string): Promise<string> {
    return (await this.alarms()).find(({ AlarmName }) => AlarmName === name)?.StateValue ?? 'missing';
  }

  async executions(pipelineName: string): Promise<Execution[]> {
    const { pipelineExecutionSummaries = [] } = await this.call('codepipeline', 'ListPipelineExecutions', { pipelineName });
    return pipelineExecutionSummaries;
  }

  /** Why an execution failed, in the words of its actions. */
  async failure(pipelineName: string, pipelineExecutionId: string): Promise<string> {
    const { actionExecutionDetails = [] } = await this.call('codepipeline', 'ListActionExecutions', { pipelineName, filter: { pipelineExecutionId } });
    return actionExecutionDetails.filter((action: any) => action.status === 'Failed')
      .map((action: any) => `${action.stageName}/${action.actionName}: ${action.output?.executionResult?.errorDetails?.message ?? action.output?.executionResult?.externalExecutionSummary ?? 'no reason given'}`)
      .join('; ');
  }

  async endpoint(): Promise<any | undefined> {
    try {
      return await this.call('sagemaker', 'DescribeEndpoint', { EndpointName: this.names.endpoint });
    } catch (error) {
      if (/could not find/i.test(String(error))) return undefined;
      throw error;
    }
  }

  async pending(): Promise<any[]> {
    const { ModelPackageSummaryList = [] } = await this.call('sagemaker', 'ListModelPackages', {
      ModelPackageGroupName: this.names.packageGroup, ModelApprovalStatus: 'PendingManualApproval',
    });
    return ModelPackageSummaryList;
  }

  async approve(packageArn: string): Promise<void> {
    await this.call('sagemaker', 'UpdateModelPackage', { ModelPackageArn: packageArn, ModelApprovalStatus: 'Approved', ApprovalDescription: 'looked at by a person' });
  }

  /** Advances virtual time minute by minute until `condition` holds; the time it took in minutes, or an error that says what was awaited. */
  async until(what: string, condition: () => Promise<boolean>, limitMinutes: number): Promise<number> {
    for (let minute = 0; minute <= limitMinutes; minute++) {
      if (await condition()) return minute;
      await this.twin.advance({ minutes: 1 });
    }
    throw new Error(`waited ${limitMinutes} minutes of virtual time for ${what}`);
  }
}
