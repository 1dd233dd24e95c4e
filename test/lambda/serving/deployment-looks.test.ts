import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient, type CreateEndpointCommandInput } from '@aws-sdk/client-sagemaker';
import type { RolledBack } from '../../../lambda/adapters/rollback-record';
import { Deployment, type Clients, type Progress } from '../../../lambda/serving/deployment/deployment';
import { wantedRelease } from '../../../lambda/serving/deployment/wanted';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { clientOf } from '../sdk-client';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

const stage: StageDescriptor = {
  name: 'Production', endpointName: 'flights',
  hosting: { kind: 'real-time', instanceType: 'ml.m5.large', instanceCount: 2, autoscaling: null },
  rollout: { kind: 'canary', canaryPercentage: 50, bakeSeconds: 300, terminationWaitSeconds: 60 },
  rollbackAlarms: { automatic: true, periodSeconds: 60, evaluationPeriods: 2, maximumErrorShare: 0.05, maximumLatencyMicroseconds: 500_000 },
  capture: { samplingPercentage: 100 },
};
const PACKAGE = 'arn:aws:sagemaker:us-east-1:123456789012:model-package/models/1';
const wanted = wantedRelease(stage, PACKAGE, {
  executionRoleArn: 'role', captureBucket: 'captured', captureKeyArn: undefined, volumeKeyArn: undefined, subnets: [], securityGroups: [], networkIsolation: false, stackId: 'stack',
});
/** An earlier rollback, which is remembered when an invocation begins. */
const BEFORE: RolledBack = { endpoint: 'flights', at: '1969-12-31T00:00:00.000Z', reason: 'another time' };
const WANTED = wanted.config.EndpointConfigName;

interface Surroundings {
  readonly endpoint?: Record<string, unknown>;
  readonly approval?: string;
  readonly packageStatus?: string;
  readonly alarms?: unknown[];
  /** Answers or errors in place of the usual ones. */
  readonly instead?: Record<string, any>;
  readonly instanceType?: string;
}

function missing(message: string): Error {
  return Object.assign(new Error(message), { name: 'ValidationException' });
}

function look({ endpoint, approval = 'Approved', packageStatus = 'Completed', alarms = [], instead = {}, instanceType = 'ml.m5.large' }: Surroundings, progress?: Progress) {
  const calls: Array<{ name: string; input: any }> = [];
  const usual: Record<string, any> = {
    DescribeEndpoint: endpoint === undefined ? missing('Could not find endpoint "flights".') : { EndpointArn: 'arn', LastModifiedTime: new Date(0), ...endpoint },
    DescribeModelPackage: { ModelPackageGroupName: 'models', ModelApprovalStatus: approval, ModelPackageStatus: packageStatus },
    DescribeModel: missing('Could not find model'), DescribeEndpointConfig: missing('Could not find endpoint configuration'),
    DescribeAlarms: { MetricAlarms: alarms }, ListTags: { Tags: [] }, ListEndpointConfigs: {}, ListModels: {}, ...instead,
  };
  const send = async (command: any) => {
    const name = command.constructor.name.replace(/Command$/, '');
    calls.push({ name, input: command.input });
    const answer = usual[name] ?? {};
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const clients: Clients = { sagemaker: clientOf(SageMakerClient, send), cloudwatch: clientOf(CloudWatchClient, send), autoscaling: clientOf(ApplicationAutoScalingClient, send) };
  const remembered = new Map<string, RolledBack>([[PACKAGE, BEFORE]]);
  const rollbacks = {
    remember: async (packageArn: string, rollback: RolledBack) => { remembered.set(packageArn, rollback); },
    forget: async (packageArn: string) => { remembered.delete(packageArn); },
  };
  const outcome = new Deployment(clients, { ...stage, hosting: { ...stage.hosting, instanceType } }, PACKAGE, 'models', wanted, 'topic', rollbacks).look(progress);
  return { outcome, remembered, names: () => calls.map(({ name }) => name), input: (name: string) => calls.find((call) => call.name === name)?.input };
}

const moving: Progress = { phase: 'moving', previousConfig: 'flights-before', looks: 0 };
const describeOld = { DescribeEndpointConfig: { ProductionVariants: [{ InstanceType: 'ml.m5.large' }] } };

test.each([
  ['CreateModel', 'Cannot create already existing model "arn".'],
  ['CreateEndpointConfig', 'Cannot create already existing endpoint configuration "arn".'],
  ['CreateEndpoint', 'Cannot create already existing endpoint "arn".'],
  ['UpdateEndpoint', 'Cannot update in-progress endpoint "arn".'],
])('%s that got through without an answer and is refused the second time is looked at again, not for ever', async (operation, message) => {
  const endpoint = operation === 'UpdateEndpoint' ? { EndpointStatus: 'InService', EndpointConfigName: 'flights-before' } : undefined;
  const before = { DescribeEndpointConfig: operation === 'UpdateEndpoint' ? { ProductionVariants: [] } : missing('Could not find endpoint configuration') };
  const surroundings = { endpoint, instead: { ...before, [operation]: missing(message) } };
  await expect(look(surroundings).outcome).resolves.toMatchObject({ status: 'in-progress', summary: expect.stringContaining(message), continuation: { phase: 'waiting', looks: 1 } });
  await expect(look(surroundings, { phase: 'waiting', previousConfig: null, looks: 10 }).outcome).rejects.toThrow(message);
});

test('the first release makes the endpoint', async () => {
  const { outcome, names, input } = look({});
  await expect(outcome).resolves.toMatchObject({ status: 'in-progress', continuation: { phase: 'moving', previousConfig: null } });
  expect(names()).toEqual(expect.arrayContaining(['CreateModel', 'CreateEndpointConfig', 'CreateEndpoint']));
  expect((input('CreateEndpoint') as CreateEndpointCommandInput).EndpointConfigName).toBe(WANTED);
  // Nothing to go back to, but the probe watches them.
  expect(names().filter((name) => name === 'PutMetricAlarm')).toHaveLength(2);
});

test('a later one moves it, with the alarms that may send it back made before', async () => {
  const { outcome, names, input } = look({ endpoint: { EndpointStatus: 'InService', EndpointConfigName: 'flights-before' }, instead: describeOld });
  await expect(outcome).resolves.toMatchObject({ status: 'in-progress', continuation: { phase: 'moving', previousConfig: 'flights-before' } });
  expect(names().indexOf('PutMetricAlarm')).toBeLessThan(names().indexOf('UpdateEndpoint'));
  expect(input('UpdateEndpoint').DeploymentConfig.AutoRollbackConfiguration.Alarms).toEqual([{ AlarmName: `${WANTED}-errors` }, { AlarmName: `${WANTED}-latency` }]);
});

test('what serves already is left alone', async () => {
  const { outcome, names } = look({ endpoint: { EndpointStatus: 'InService', EndpointConfigName: WANTED } });
  await expect(outcome).resolves.toMatchObject({ status: 'succeeded', summary: `endpoint flights serves ${PACKAGE} by ${WANTED}` });
  expect(names()).not.toContain('UpdateEndpoint');
});

test.each<[string, Surroundings, string]>([
  ['rejected meanwhile', { approval: 'Rejected' }, `${PACKAGE} is Rejected now, so it is not released; approve it to release it`],
  ['not complete', { packageStatus: 'Failed' }, `the status of ${PACKAGE} is Failed, not Completed; approve another package`],
  ['without its image', { instead: { CreateModel: missing('Requested image repo@sha256:1 not found.') } },
    `no model can be made of ${PACKAGE}: Requested image repo@sha256:1 not found. Approve a package whose image and artifact exist, or start the training pipeline to make both anew`],
])('a package that is %s is not released', async (_, around, reason) => {
  const { outcome, names } = look(around);
  await expect(outcome).rejects.toThrow(reason);
  expect(names()).not.toContain('CreateEndpoint');
  expect(names()).not.toContain('CreateEndpointConfig');
});

const FIRED = { AlarmName: `${WANTED}-errors`, StateValue: 'ALARM', StateReason: '0.4 was greater than 0.05' };

describe('an endpoint', () => {
  test.each(['Creating', 'Updating', 'RollingBack', 'SystemUpdating'])('that is %s for another config is waited for', async (EndpointStatus) => {
    const { outcome, names } = look({ endpoint: { EndpointStatus, EndpointConfigName: 'flights-before' } });
    await expect(outcome).resolves.toMatchObject({ status: 'in-progress', summary: `endpoint flights is ${EndpointStatus}`, continuation: { phase: 'waiting', looks: 1 } });
    expect(names()).not.toContain('CreateModel');
  });

  test('on its way is followed, whoever sent it', async () => {
    const { outcome } = look({ endpoint: { EndpointStatus: 'Updating', EndpointConfigName: 'flights-before', PendingDeploymentSummary: { EndpointConfigName: WANTED } } });
    await expect(outcome).resolves.toMatchObject({ status: 'in-progress', continuation: { phase: 'moving' } });
  });

  test('that rolled back fails the release, with the alarm that rang', async () => {
    const { outcome, remembered } = look({ endpoint: { EndpointStatus: 'InService', EndpointConfigName: 'flights-before' }, alarms: [FIRED] }, moving);
    await expect(outcome).rejects.toThrow(`endpoint flights rolled back to flights-before: ${WANTED}-errors fired (0.4 was greater than 0.05); it still serves the model before. `
      + 'Mend the model and approve a new package; this one is released again only if it is approved again');
    expect(remembered.get(PACKAGE)).toEqual({ endpoint: 'flights', at: '1970-01-01T00:00:00.000Z', reason: `${WANTED}-errors fired (0.4 was greater than 0.05)` });
  });

  test('that rolled back without a word fails the release all the same', async () => {
    const { outcome, remembered } = look({ endpoint: { EndpointStatus: 'InService', EndpointConfigName: 'flights-before' } }, moving);
    await expect(outcome).rejects.toThrow('SageMaker gave no reason, and no alarm is in ALARM any more');
    expect(remembered.get(PACKAGE)).toMatchObject({ at: '1970-01-01T00:00:00.000Z' });
  });

  const shortage = 'Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error.';

  test('that rolled back for want of instances does not condemn the package', async () => {
    const endpoint = { EndpointStatus: 'InService', EndpointConfigName: 'flights-before', FailureReason: shortage };
    const { outcome, remembered } = look({ endpoint }, moving);
    await expect(outcome).rejects.toThrow(`${shortage}; it still serves the model before. Retry the stage later, or choose another instance type`);
    expect(remembered.get(PACKAGE)).toBe(BEFORE);
    const alarmed = look({ endpoint, alarms: [FIRED] }, moving);
    await expect(alarmed.outcome).rejects.toThrow('this one is released again only if it is approved again');
    expect(alarmed.remembered.get(PACKAGE)).not.toBe(BEFORE);
  });

  test('that rolled back to the same package with other settings does not condemn it', async () => {
    const { outcome, remembered } = look({
      endpoint: { EndpointStatus: 'InService', EndpointConfigName: 'flights-before' }, alarms: [FIRED],
      instead: { DescribeEndpointConfig: { ProductionVariants: [{ ModelName: 'model' }] }, DescribeModel: { Containers: [{ ModelPackageName: PACKAGE }] } },
    }, moving);
    await expect(outcome).rejects.toThrow('it still serves the same package with the settings before. Correct the settings and deploy again');
    expect(remembered.get(PACKAGE)).toBe(BEFORE);
  });

  test('whose rollback failed condemns the package too', async () => {
    const { outcome, remembered } = look({ endpoint: { EndpointName: 'flights', EndpointStatus: 'UpdateRollbackFailed', EndpointConfigName: 'flights-before' } }, moving);
    await expect(outcome).rejects.toThrow('endpoint flights is UpdateRollbackFailed (no reason given); delete it, then start the release pipeline');
    expect(remembered.get(PACKAGE)).not.toBe(BEFORE);
  });

  test('that serves the package ends what is remembered of it', async () => {
    const { outcome, remembered } = look({ endpoint: { EndpointStatus: 'InService', EndpointConfigName: WANTED } }, moving);
    await expect(outcome).resolves.toMatchObject({ status: 'succeeded' });
    expect(remembered.size).toBe(0);
  });

  test('that failed fails the release', async () => {
    const { outcome } = look({ endpoint: { EndpointStatus: 'Failed', EndpointConfigName: 'flights-before', FailureReason: 'no ping' } }, moving);
    await expect(outcome).rejects.toThrow('endpoint flights is Failed: no ping; look at the log group /aws/sagemaker/Endpoints/flights, then retry the stage');
  });

  test('that had failed before is made anew', async () => {
    const { outcome, names } = look({ endpoint: { EndpointStatus: 'Failed', EndpointConfigName: 'flights-before', FailureReason: 'no ping' } });
    await expect(outcome).resolves.toMatchObject({ status: 'in-progress', summary: 'endpoint flights had failed (no ping) and is made anew' });
    expect(names()).toContain('DeleteEndpoint');
  });

  test('whose package was rejected on the way fails the release, in which it still serves', async () => {
    const { outcome } = look({ endpoint: { EndpointStatus: 'InService', EndpointConfigName: WANTED }, approval: 'Rejected' }, moving);
    await expect(outcome).rejects.toThrow(`${PACKAGE} is Rejected now, though it was approved when its release began; the release that the rejection started serves the newest approved package in its place`);
  });
});

test('a name that AWS does not see yet is looked for again, but not for ever', async () => {
  const instead = { CreateEndpoint: missing('Could not find endpoint configuration') };
  await expect(look({ instead }).outcome).resolves.toMatchObject({ status: 'in-progress', continuation: { phase: 'waiting', looks: 1 } });
  await expect(look({ instead }, { phase: 'waiting', previousConfig: null, looks: 10 }).outcome).rejects.toThrow('Could not find endpoint configuration');
});

describe('a ping that is not answered', () => {
  const reason = 'The primary container for production variant main did not pass the ping health check. Please check CloudWatch logs for this endpoint.';
  const failed = { endpoint: { EndpointStatus: 'Failed', EndpointConfigName: WANTED, FailureReason: reason } };
  const rolledBack = { endpoint: { EndpointStatus: 'InService', EndpointConfigName: 'flights-before', FailureReason: reason } };

  test.each([['a first release', failed], ['an update', rolledBack]])('on Arm, %s: the failure says which images run there', async (_, surroundings) => {
    await expect(look({ ...surroundings, instanceType: 'ml.c6g.large' }, moving).outcome)
      .rejects.toThrow('ml.c6g.large has Arm processors: it runs only images that are built for arm64, others end with "exec format error"');
  });

  test('on x86 nothing is said of processors', async () => {
    await expect(look(failed, moving).outcome).rejects.toThrow(/did not pass the ping health check(?!.*Arm)/);
  });
});
