import { ObjectNotFoundException } from '@aws-sdk/client-application-auto-scaling';
import type { JobOutcome } from '../../../lambda/adapters/pipeline-job';
import { Deployment, type Clients, type Progress } from '../../../lambda/serving/deployment/deployment';
import { wantedRelease } from '../../../lambda/serving/deployment/wanted';
import { Retirement, type RetirementClients } from '../../../lambda/serving/retirement/retirement';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import { IMAGE, MINUTE, ROLE, setUp } from '../../twin/services/sagemaker/fake-hosting';

/* eslint-disable @typescript-eslint/no-explicit-any -- commands and answers have the shapes of the AWS SDK */

const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Mlops/1';
const stage: StageDescriptor = {
  name: 'Production', endpointName: 'flights',
  hosting: { kind: 'real-time', instanceType: 'ml.m5.large', instanceCount: 2, autoscaling: null },
  rollout: { kind: 'all-at-once', canaryPercentage: 50, bakeSeconds: 300, terminationWaitSeconds: 60 },
  rollbackAlarms: { periodSeconds: 60, evaluationPeriods: 2, maximumErrorShare: 0.05, maximumLatencyMicroseconds: null },
  capture: { samplingPercentage: 100 },
};

/** The handlers' own code, on the twin's SageMaker. */
async function account() {
  const hosting = setUp();
  const { call, world } = hosting;
  const send = (service: string) => async (command: any) => call(command.constructor.name.replace(/Command$/, ''), command.input, service).catch(({ code, message }) => {
    throw code === 'ObjectNotFoundException' ? new ObjectNotFoundException({ message, $metadata: {} }) : Object.assign(new Error(message), { name: code });
  });
  const clients = { sagemaker: { send: send('sagemaker') }, cloudwatch: { send: send('monitoring') }, autoscaling: { send: send('application-autoscaling') } } as unknown as Clients & RetirementClients;

  await call('CreateModelPackageGroup', { ModelPackageGroupName: 'models' });
  const approved = async () => {
    const { ModelPackageArn } = await call('CreateModelPackage', {
      ModelPackageGroupName: 'models',
      InferenceSpecification: { Containers: [{ Image: IMAGE, ModelDataUrl: 's3://models/m.tar.gz' }], SupportedContentTypes: ['text/csv'], SupportedResponseMIMETypes: ['text/csv'] },
    });
    await world.clock.advance(MINUTE);
    await call('UpdateModelPackage', { ModelPackageArn, ModelApprovalStatus: 'Approved' });
    return ModelPackageArn as string;
  };
  /** A release, a look a minute, to its end. */
  const release = async (packageArn: string): Promise<string> => {
    const wanted = wantedRelease(stage, packageArn, {
      executionRoleArn: ROLE, captureBucket: 'captured', captureKeyArn: undefined, volumeKeyArn: undefined, subnets: [], securityGroups: [], networkIsolation: false, stackId: STACK_ID,
    });
    let outcome: JobOutcome<Progress> | undefined;
    while (outcome?.status !== 'succeeded') {
      outcome = await new Deployment(clients, stage, packageArn, 'models', wanted, undefined).look(outcome?.continuation);
      await world.clock.advance(MINUTE);
    }
    return outcome.summary;
  };
  const retire = async () => {
    const retirement = new Retirement(clients, { stackId: STACK_ID, endpoints: ['flights'], rules: [], pipelines: [], packageGroup: 'models', buckets: [] });
    const steps: string[] = [];
    for (let waitingFor: string | undefined = ''; waitingFor !== undefined; await world.clock.advance(MINUTE)) {
      ({ waitingFor } = await retirement.step());
      if (waitingFor !== undefined) steps.push(waitingFor);
    }
    return steps;
  };
  return { ...hosting, approved, release, retire };
}

type Account = Awaited<ReturnType<typeof account>>;

/** How an endpoint in service comes into the state, and whose release notices. */
const STATES: Readonly<Record<string, (account: Account) => Promise<string>>> = {
  UpdateRollbackFailed: async ({ sageMaker, approved, release }) => {
    const second = await approved();
    sageMaker.conditions.rollBackSilently('flights');
    sageMaker.conditions.failRollback('flights');
    await expect(release(second)).rejects.toThrow(HELP);
    return second;
  },
  OutOfService: async ({ sageMaker, approved }) => {
    sageMaker.endpoints.takeOutOfService('flights');
    return approved();
  },
};
const HELP = 'delete it, then retry the stage: aws sagemaker delete-endpoint --endpoint-name flights';

describe.each(Object.entries(STATES))('an endpoint that is %s', (state, reach) => {
  test('fails the release with one command, after which a retry serves', async () => {
    const context = await account();
    await context.release(await context.approved());
    const packageArn = await reach(context);
    expect((await context.describe()).EndpointStatus).toBe(state);
    await expect(context.release(packageArn)).rejects.toThrow(new RegExp(`^endpoint flights is ${state} \\(.+\\); ${HELP}$`));
    await context.call('DeleteEndpoint', { EndpointName: 'flights' });
    await context.world.clock.advance(2 * MINUTE);
    expect(await context.release(packageArn)).toMatch(`endpoint flights serves ${packageArn}`);
  });

  test('goes with its stack, and leaves nothing', async () => {
    const context = await account();
    await context.release(await context.approved());
    await reach(context);
    expect(await context.retire()).toEqual(expect.arrayContaining(['endpoint flights is being deleted']));
    await expect(context.describe()).rejects.toThrow('Could not find endpoint');
    expect(context.servers.running.size).toBe(0);
    expect(context.sageMaker.remaining().filter((each) => !each.includes('model-package-group'))).toEqual([]);
  });
});
