import { ApplicationAutoScalingClient, ConcurrentUpdateException, ObjectNotFoundException } from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { JobOutcome } from '../../../lambda/adapters/pipeline-job';
import type { RolledBack } from '../../../lambda/adapters/rollback-record';
import { Deployment, type Clients, type Progress } from '../../../lambda/serving/deployment/deployment';
import { wantedRelease } from '../../../lambda/serving/deployment/wanted';
import { retireEndpoint } from '../../../lambda/serving/retirement/retire-endpoint';
import type { StageDescriptor } from '../../../lib/serving/release-descriptor.contract';
import type { AwsError } from '../../../twin';
import { clientOf } from '../sdk-client';
import { IMAGE, MINUTE, ROLE, setUp } from '../../twin/services/sagemaker/fake-hosting';

/* eslint-disable @typescript-eslint/no-explicit-any -- commands and answers have the shapes of the AWS SDK */

export const STACK_ID = 'arn:aws:cloudformation:us-east-1:123456789012:stack/Mlops/1';

export const STAGE: StageDescriptor = {
  name: 'Production', endpointName: 'flights',
  hosting: { kind: 'real-time', instanceType: 'ml.m5.large', instanceCount: 2, autoscaling: null },
  rollout: { kind: 'all-at-once', canaryPercentage: 50, bakeSeconds: 300, terminationWaitSeconds: 60 },
  rollbackAlarms: { automatic: true, periodSeconds: 60, evaluationPeriods: 2, maximumErrorShare: 0.05, maximumLatencyMicroseconds: 500_000 },
  capture: { samplingPercentage: 100 },
};

/** Errors of these services that the handlers tell apart by their class. */
const CLASSES = { ConcurrentUpdateException, ObjectNotFoundException };

/** The handlers' own code, on the twin's SageMaker; whatever they call can be made to fail. */
export async function account() {
  const hosting = setUp();
  const { call, world } = hosting;
  /** Errors in place of what an operation does. */
  const failing = new Map<string, Error>();
  const send = (service: string) => async (command: any) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    const error = failing.get(operation);
    if (error) throw error;
    return call(operation, command.input, service).catch(({ code, message }: AwsError) => {
      const Known = CLASSES[code as keyof typeof CLASSES];
      throw Known ? new Known({ message, $metadata: {} }) : Object.assign(new Error(message), { name: code });
    });
  };
  const clients: Clients = {
    sagemaker: clientOf(SageMakerClient, send('sagemaker')), cloudwatch: clientOf(CloudWatchClient, send('monitoring')),
    autoscaling: clientOf(ApplicationAutoScalingClient, send('application-autoscaling')),
  };

  await call('CreateModelPackageGroup', { ModelPackageGroupName: 'models' });
  const approved = async (container: object = {}) => {
    const { ModelPackageArn } = await call('CreateModelPackage', {
      ModelPackageGroupName: 'models',
      InferenceSpecification: { Containers: [{ Image: IMAGE, ModelDataUrl: 's3://models/m.tar.gz', ...container }], SupportedContentTypes: ['text/csv'], SupportedResponseMIMETypes: ['text/csv'] },
    });
    await world.clock.advance(MINUTE);
    await call('UpdateModelPackage', { ModelPackageArn, ModelApprovalStatus: 'Approved' });
    return ModelPackageArn as string;
  };
  /** Packages that were rolled back. */
  const remembered = new Map<string, RolledBack>();
  const rollbacks = {
    remember: async (packageArn: string, rollback: RolledBack) => { remembered.set(packageArn, rollback); },
    forget: async (packageArn: string) => { remembered.delete(packageArn); },
  };
  /** One invocation of the deploy action. */
  const invocation = (packageArn: string, stage: StageDescriptor, progress?: Progress): Promise<JobOutcome<Progress>> => {
    const wanted = wantedRelease(stage, packageArn, {
      executionRoleArn: ROLE, captureBucket: 'captured', captureKeyArn: undefined, volumeKeyArn: undefined, subnets: [], securityGroups: [], networkIsolation: false, stackId: STACK_ID,
    });
    return new Deployment(clients, stage, packageArn, 'models', wanted, undefined, rollbacks, () => world.clock.now()).look(progress);
  };
  /** A release, an invocation a minute, to its end. */
  const release = async (packageArn: string, stage: StageDescriptor = STAGE): Promise<string> => {
    let outcome: JobOutcome<Progress> | undefined;
    while (outcome?.status !== 'succeeded') {
      outcome = await invocation(packageArn, stage, outcome?.continuation);
      await world.clock.advance(MINUTE);
    }
    return outcome.summary;
  };
  const retire = async () => {
    const steps: string[] = [];
    for (let waitingFor: string | undefined = ''; waitingFor !== undefined; await world.clock.advance(MINUTE)) {
      waitingFor = await retireEndpoint(clients, { name: 'flights', stackId: STACK_ID });
      if (waitingFor !== undefined) steps.push(waitingFor);
    }
    return steps;
  };
  return { ...hosting, remembered, failing, approved, invocation, release, retire };
}

export type Account = Awaited<ReturnType<typeof account>>;
