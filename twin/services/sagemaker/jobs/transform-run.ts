import { CannotStartError } from '../../../jobs/container';
import { AwsError } from '../../../service';
import type { Principal } from '../../../service';
import type { World } from '../../../world';
import type { ModelServers, ServerLease } from '../hosting/server-pool';
import type { Model } from '../hosting/state';
import type { TagStore } from '../tags';
import type { JobConditions } from './conditions';
import { executionRole } from './execution-role';
import { writeJobLog } from './job-log';
import { REASON_LIMIT, setStatus, Stopped } from './job-store';
import type { Job, JobStatus } from './job-store';
import { DataError, JobData } from './s3-data';
import type { SourceObject } from './s3-data';
import { inMilliseconds } from './training-job';
import { recordsOf, requestsOf } from './transform-records';

 

export interface TransformJob extends Job {
  /** As it was when the job was accepted; it may be deleted since. */
  readonly model: Model;
}

const SECOND = 1_000;
const STARTING_SECONDS = 150;
const STOPPING_SECONDS = 30;
const POLL_SECONDS = 60;
const PENDING_SECONDS = 3_600;
export const TRANSFORM_LOG_GROUP = '/aws/sagemaker/TransformJobs';

class Failed extends Error {}

/** The life of one transform job, on the virtual clock: the model's own server is asked every record of the input. */
export class TransformRun {
  private readonly role: Principal;
  private readonly data: JobData;
  private readonly lines: string[] = [];
  private readonly dataLog: string[] = [];

  constructor(
    private readonly world: World, private readonly tags: TagStore, private readonly conditions: JobConditions, private readonly servers: ModelServers,
    private readonly job: TransformJob,
  ) {
    this.role = executionRole(job.model.roleArn);
    this.data = new JobData(world, this.role);
  }

  async run(): Promise<void> {
    try {
      changed(this.world, this.tags, this.job, 'InProgress');
      await this.untilTransformed();
      changed(this.world, this.tags, this.job, 'Completed');
    } catch (error) {
      if (error instanceof Stopped) {
        await this.world.clock.sleep(STOPPING_SECONDS * SECOND, `stop ${this.job.name}`);
        changed(this.world, this.tags, this.job, 'Stopped');
      } else if (error instanceof Failed || error instanceof DataError) {
        changed(this.world, this.tags, this.job, 'Failed', error.message.slice(0, REASON_LIMIT));
      } else throw error;
    }
  }

  private async untilTransformed(): Promise<void> {
    const { job } = this;
    const { InstanceType: instanceType } = job.input.TransformResources;
    for (const giveUp = job.createdAt.getTime() + PENDING_SECONDS * SECOND; !this.conditions.hasCapacity(instanceType, false);) {
      if (this.world.clock.now() >= giveUp) throw new Failed('CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.');
      await this.pass(POLL_SECONDS);
    }
    await this.pass(STARTING_SECONDS);
    const source = job.input.TransformInput.DataSource.S3DataSource;
    const objects = await this.data.objects(source);
    if (objects.length === 0) throw new Failed(`ClientError: No objects found under the S3 prefix ${source.S3Uri}`);
    job.startedAt = this.world.clock.date();
    const server = await this.startServer(instanceType);
    try {
      await this.pass(this.conditions.transformSeconds);
      await this.transformAll(objects, server);
    } finally {
      await server.release();
      await this.writeLogs();
    }
  }

  private async startServer(instanceType: string): Promise<ServerLease> {
    try {
      return await this.servers.acquire(this.job.model, instanceType, (line) => { this.lines.push(line); });
    } catch (error) {
      if (!(error instanceof CannotStartError) && !(error instanceof AwsError)) throw error;
      this.lines.push(...error.message.split('\n'));
      await this.writeLogs();
      if (error instanceof AwsError) throw new Failed(`ClientError: ${error.message}`);
      throw new Failed('AlgorithmError: Model container failed to respond to ping; Ensure /ping endpoint is implemented and responds with an HTTP 200 status code');
    }
  }

  /** Every object is tried; output is uploaded only for those of which every request was answered. */
  private async transformAll(objects: readonly SourceObject[], server: ServerLease): Promise<void> {
    let failure: Failed | undefined;
    for (const object of objects) {
      if (this.job.stopRequested) throw new Stopped();
      try {
        const body = await this.transform(object, server);
        const { S3OutputPath: path, KmsKeyId: key } = this.job.input.TransformOutput;
        await this.data.put(`${path.replace(/\/+$/, '')}/${object.name}.out`, body, key);
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        this.dataLog.push(`${object.address.bucket}/${object.address.key}: ${error.message}`);
        failure ??= error;
      }
    }
    if (failure) throw new Failed(`${failure.message.startsWith('ClientError') ? 'ClientError' : 'AlgorithmError'}: See job logs for more information`);
  }

  private async transform(object: SourceObject, server: ServerLease): Promise<Buffer> {
    const { input } = this.job;
    const { ContentType: contentType, SplitType: split = 'None' } = input.TransformInput;
    const { Accept: accept, AssembleWith: assemble = 'None' } = input.TransformOutput;
    const limit = (input.MaxPayloadInMB ?? DEFAULT_PAYLOAD) * MEBIBYTE;
    const requests = requestsOf(recordsOf(await this.data.read(object), split), { strategy: input.BatchStrategy ?? 'MultiRecord', limit: limit === 0 ? Infinity : limit });
    if (requests === 'too-large') throw new Failed(`ClientError: Too much data for max payload size: ${limit} bytes`);
    const answers: Buffer[] = [];
    for (const body of requests) {
      const answer = await server.invoke({
        method: 'POST', path: '/invocations', body,
        headers: { ...(contentType !== undefined && { 'content-type': contentType }), ...(accept !== undefined && { accept }) },
      }).catch((error: Error) => error);
      if (answer instanceof Error) throw new Failed(`AlgorithmError: Unable to get response from algorithm: ${answer.message}`);
      if (answer.status < 200 || answer.status > 299) {
        throw new Failed(`${answer.status < 500 ? 'ClientError' : 'AlgorithmError'}: Bad HTTP status received from algorithm: ${answer.status}: ${answer.body.toString('utf8').slice(0, 500)}`);
      }
      answers.push(answer.body);
      // "To add a newline character at the end of every transformed record, specify Line": also behind an answer that ends with one.
      if (assemble === 'Line') answers.push(Buffer.from('\n'));
    }
    return Buffer.concat(answers);
  }

  private async writeLogs(): Promise<void> {
    const stream = `${this.job.name}/i-${Math.floor(this.job.createdAt.getTime() / 1000).toString(16).padStart(17, '0')}`;
    await writeJobLog(this.world, this.role, TRANSFORM_LOG_GROUP, stream, this.lines.splice(0));
    await writeJobLog(this.world, this.role, TRANSFORM_LOG_GROUP, `${stream}/data-log`, this.dataLog.splice(0).map((line) => `[sagemaker logs]: ${line}`));
  }

  private async pass(seconds: number): Promise<void> {
    await this.world.clock.sleep(seconds * SECOND, `transform job ${this.job.name}`);
    if (this.job.stopRequested) throw new Stopped();
  }
}

const DEFAULT_PAYLOAD = 6;
const MEBIBYTE = 1024 * 1024;

export function changed(world: World, tags: TagStore, job: TransformJob, status: JobStatus, failureReason?: string): void {
  setStatus(world, job, status, failureReason);
  world.publish({
    source: 'aws.sagemaker', 'detail-type': 'SageMaker Transform Job State Change', resources: [job.arn],
    detail: { ...inMilliseconds(describeTransformJob(job)), Tags: tags.asObject(job.arn) },
  });
}

export function describeTransformJob(job: TransformJob): Record<string, unknown> {
  return {
    ...job.input,
    TransformJobName: job.name, TransformJobArn: job.arn, TransformJobStatus: job.status, CreationTime: job.createdAt,
    ...(job.startedAt !== undefined ? { TransformStartTime: job.startedAt } : {}),
    ...(job.endedAt !== undefined ? { TransformEndTime: job.endedAt } : {}),
    ...(job.failureReason !== undefined ? { FailureReason: job.failureReason } : {}),
  };
}
