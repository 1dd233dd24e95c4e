import { HOUR, type Loop } from '../../test/loop/support/loop';
import type { LambdaService } from '../../twin/services/lambda';
import { COOLDOWN_HOURS } from './cooldown';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** A promise of the loop; `broken` says how it is broken, if it is. */
export interface Invariant {
  readonly name: string;
  broken(loop: Loop): Promise<string | undefined>;
}

/** What serves, from the endpoint itself down to the package. */
export interface Serving {
  readonly status: string;
  readonly config: string;
  readonly pending: boolean;
  readonly model: string;
  readonly packageArn: string;
}

export async function serving(loop: Loop): Promise<Serving | undefined> {
  const endpoint = await loop.account.endpoint();
  if (endpoint === undefined) return undefined;
  const { EndpointStatus: status, EndpointConfigName: config, PendingDeploymentSummary } = endpoint;
  const { ProductionVariants: [{ ModelName: model }] } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName: config });
  const { Containers } = await loop.call('sagemaker', 'DescribeModel', { ModelName: model });
  return { status, config, pending: PendingDeploymentSummary !== undefined, model, packageArn: Containers[0].ModelPackageName };
}

/** At every moment. */
export const ALWAYS: readonly Invariant[] = [
  {
    name: 'only an approved package is served, and all of it is there',
    async broken(loop) {
      let now: Serving | undefined;
      try {
        now = await serving(loop);
      } catch (error) {
        return `the config or the model of the endpoint is gone: ${(error as Error).message}`;
      }
      if (now === undefined) return undefined;
      const { ModelApprovalStatus, InferenceSpecification } = await loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: now.packageArn });
      if (ModelApprovalStatus !== 'Approved') return `${now.packageArn} is served and is ${ModelApprovalStatus}`;
      const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(InferenceSpecification.Containers[0].ModelDataUrl)!;
      try {
        await loop.call('s3', 'HeadObject', { Bucket: bucket, Key: key });
      } catch (error) {
        return `the artifact of ${now.packageArn} is gone: ${(error as Error).message}`;
      }
      return undefined;
    },
  },
  {
    name: 'at most one retraining at a time, none within the cool-down',
    async broken(loop) {
      const starts: Array<{ at: number; running: boolean }> = [];
      for (const { pipelineExecutionId, startTime, status } of await loop.account.executions(loop.names.trainingPipeline)) {
        const { pipelineExecution } = await loop.call('codepipeline', 'GetPipelineExecution', { pipelineName: loop.names.trainingPipeline, pipelineExecutionId });
        const byDrift = (pipelineExecution.variables ?? []).some(({ name, resolvedValue }: any) => name === 'Trigger' && resolvedValue === 'drift');
        if (byDrift) starts.push({ at: startTime.getTime(), running: status === 'InProgress' });
      }
      if (starts.filter(({ running }) => running).length > 1) return `${starts.filter(({ running }) => running).length} retrainings are under way`;
      starts.sort((one, other) => one.at - other.at);
      const hasty = starts.findIndex(({ at }, index) => index > 0 && at < starts[index - 1]!.at + COOLDOWN_HOURS * HOUR);
      return hasty < 0 ? undefined : `retrainings started at ${iso(starts[hasty - 1]!.at)} and ${iso(starts[hasty]!.at)}, the cool-down is ${COOLDOWN_HOURS} hours`;
    },
  },
];

/** Once the loop has come to rest. */
export const AT_REST: readonly Invariant[] = [
  {
    name: 'the endpoint is in service, nothing pending',
    async broken(loop) {
      const now = await serving(loop);
      if (now?.status !== 'InService' || now.pending) return `it is ${now?.status}${now?.pending ? ', a deployment is pending' : ''}`;
      return undefined;
    },
  },
  {
    name: 'nothing is left half-way',
    async broken(loop) {
      const { pendingEvents } = loop.twin.service<LambdaService>('lambda');
      if (pendingEvents > 0) return `${pendingEvents} events still wait for their functions`;
      for (const key of await loop.account.keys(loop.names.artifactsBucket, 'state/')) {
        if (!key.endsWith('.json')) continue;
        const { starting } = await loop.account.readJson(loop.names.artifactsBucket, key);
        if (starting !== undefined) return `${key} still holds a start that was never made: ${starting}`;
      }
      return undefined;
    },
  },
  {
    name: 'what is no longer served is cleared away',
    async broken(loop) {
      const prefix = `${loop.names.endpoint}-`;
      const { EndpointConfigs } = await loop.call('sagemaker', 'ListEndpointConfigs', { NameContains: prefix, MaxResults: 100 });
      // The one that serves, and three to go back to.
      if (EndpointConfigs.length > 4) return `${EndpointConfigs.length} endpoint configs are left`;
      const alarms = (await loop.account.alarms()).filter(({ AlarmName }) => AlarmName.startsWith(prefix) && /-[0-9a-f]{8,}-/.test(AlarmName));
      const stray = alarms.find(({ AlarmName }) => !EndpointConfigs.some(({ EndpointConfigName }: any) => AlarmName.startsWith(`${EndpointConfigName}-`)));
      return stray === undefined ? undefined : `alarm ${stray.AlarmName} watches a config that is gone`;
    },
  },
  {
    name: 'no credential and no payload in any log line',
    async broken(loop) {
      const { logGroups } = await loop.call('logs', 'DescribeLogGroups');
      for (const { logGroupName } of logGroups) {
        // What a model container prints is the project's own.
        if (!logGroupName.includes('/aws/lambda/') && !/Handler|Logs/.test(logGroupName)) continue;
        const { events = [] } = await loop.call('logs', 'FilterLogEvents', { logGroupName });
        const leak = events.find(({ message }: any) => SECRETS.test(message) || PAYLOAD.test(message));
        if (leak !== undefined) return `${logGroupName}: ${leak.message.slice(0, 200)}`;
      }
      return undefined;
    },
  },
];

const SECRETS = /twin-secret-|twin-session-|ASIATWIN|"(secretAccessKey|sessionToken)"/;
/** A row of the airline: hour, weekday, miles, from, to. */
const PAYLOAD = /\d{1,2},[1-7],\d{2,4},[A-Z]{3},[A-Z]{3}/;

export async function broken(loop: Loop, invariants: readonly Invariant[]): Promise<string[]> {
  const found: string[] = [];
  for (const invariant of invariants) {
    const how = await invariant.broken(loop);
    if (how !== undefined) found.push(`${invariant.name}: ${how}`);
  }
  return found;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
