import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { Logger } from '@aws-lambda-powertools/logger';
import { PROBE_ENDPOINT_ENV, type ProbeEndpointParameters } from '../../lib/serving/probe-endpoint.contract';
import { PACKAGE_METADATA } from '../../lib/training/register-candidate.contract';
import { metricAlarms } from '../adapters/alarms';
import { lazyHandler } from '../adapters/lazy-handler';
import { describeEndpoint, describePackage } from '../adapters/model-packages';
import { parseS3Uri, readText } from '../adapters/objects';
import { JobFailure, pipelineJobHandler, type JobOutcome } from '../adapters/pipeline-job';
import { isTransient } from '../adapters/transient';
import { rollbackAlarmNames } from './deployment/guardrails';

interface Watch {
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const GO_BACK = 'reject the package in the registry to release the one before it';

/**
 * Asks a freshly released endpoint real questions, then watches the alarms of the release. Those of the endpoint as a whole may
 * still be in ALARM because of the fleet before, or because of its load: neither says anything about the package.
 */
export const handler = lazyHandler(() => {
  const env = PROBE_ENDPOINT_ENV.read(process.env);
  const s3 = new S3Client();
  const sagemaker = new SageMakerClient();
  const runtime = new SageMakerRuntimeClient();
  const cloudwatch = new CloudWatchClient();

  async function probeRows(packageArn: string): Promise<string[]> {
    const uri = (await describePackage(sagemaker, packageArn)).CustomerMetadataProperties?.[PACKAGE_METADATA.probeUri];
    if (uri === undefined) throw new JobFailure(`${packageArn} names no '${PACKAGE_METADATA.probeUri}'; register it by the training workflow`);
    const { bucket, key } = parseS3Uri(uri);
    if (bucket !== env.ARTIFACTS_BUCKET) throw new JobFailure(`the probes of ${packageArn} lie in '${bucket}'; only '${env.ARTIFACTS_BUCKET}' is read`);
    return (await readText(s3, { bucket, key })).split('\n').filter((line) => line !== '');
  }

  async function probe(endpointName: string, row: string, maximumLatency: number): Promise<void> {
    const started = Date.now();
    const answer = await runtime.send(new InvokeEndpointCommand({ EndpointName: endpointName, ContentType: 'text/csv', Accept: 'text/csv', Body: Buffer.from(row) }))
      // The model's own error is SageMaker's answer 424; a throttled call or a broken connection says nothing about the model.
      .catch((error: unknown) => { throw isTransient(error) ? error : new JobFailure(`endpoint ${endpointName} does not answer a probe: ${String(error)}; ${GO_BACK}`); });
    const latency = Date.now() - started;
    const scores = Buffer.from(answer.Body).toString('utf8').trim().split(/[\n,]/);
    // One row in, one finite number or more out. The answer itself may be personal data and stays out of the message.
    if (scores.length === 0 || !scores.every((score) => score.trim() !== '' && Number.isFinite(Number(score)))) {
      throw new JobFailure(`endpoint ${endpointName} answered a probe with something other than numbers as CSV; ${GO_BACK}`);
    }
    // After retries of the SDK it is not the model's latency.
    if (latency > maximumLatency && answer.$metadata.attempts === 1) {
      throw new JobFailure(`endpoint ${endpointName} took ${latency} ms for a probe, at most ${maximumLatency} ms are allowed; ${GO_BACK}`);
    }
  }

  async function fired(endpointName: string): Promise<string[]> {
    const configName = (await describeEndpoint(sagemaker, endpointName))?.EndpointConfigName;
    if (configName === undefined) throw new JobFailure(`endpoint ${endpointName} is gone; start the release pipeline to make it again`);
    const names = rollbackAlarmNames(configName);
    const alarms = await metricAlarms(cloudwatch, { AlarmNames: names });
    const missing = names.filter((name) => !alarms.some(({ AlarmName }) => AlarmName === name));
    if (missing.length > 0) throw new JobFailure(`there is no alarm ${missing.join(', ')} to watch the release by; start the release pipeline to make it again`);
    return alarms.filter(({ StateValue }) => StateValue === 'ALARM').map((alarm) => `${alarm.AlarmName} (${alarm.StateReason})`);
  }

  return pipelineJobHandler<Watch>(new CodePipelineClient(), new Logger({ serviceName: 'probe-endpoint' }), async (job): Promise<JobOutcome<Watch>> => {
    const { endpointName, packageArn, bakeSeconds, maximumLatencyMilliseconds } = job.parameters as ProbeEndpointParameters;
    let watch = job.continuation;
    if (watch === undefined) {
      const rows = await probeRows(packageArn);
      for (const row of rows) await probe(endpointName, row, maximumLatencyMilliseconds);
      watch = { until: Date.now() + bakeSeconds * 1000 };
    }
    const alarms = await fired(endpointName);
    if (alarms.length > 0) throw new JobFailure(`alarms of the release fired: ${alarms.join(', ')}; ${GO_BACK}`);
    return Date.now() >= watch.until
      ? { status: 'succeeded', summary: `endpoint ${endpointName} answers, and no alarm of the release fired while it was watched` }
      : { status: 'in-progress', continuation: watch, summary: `watched until ${new Date(watch.until).toISOString()}` };
  });
});
