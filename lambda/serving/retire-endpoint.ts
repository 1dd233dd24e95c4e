import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { Logger } from '@aws-lambda-powertools/logger';
import {
  ENDPOINT_RETIREMENT, LOOP_RETIREMENT, RETIREMENT_LIMIT_MINUTES, RETIRE_ENDPOINT_ENV, type LoopContents, type RetirementRequest, type RetirementStep,
} from '../../lib/serving/retire-endpoint.contract';
import { answer } from '../adapters/custom-resource';
import { lazyHandler } from '../adapters/lazy-handler';
import { isTransient } from '../adapters/transient';
import { retireEndpoint } from './retirement/retire-endpoint';
import { retireLoop } from './retirement/retire-loop';
import { createdAt, idPrefixOf, physicalIdOf } from './retirement/physical-id';
import { holdersOf, statusOf } from './retirement/stack';

/** The list of the stack's resources may lag behind. */
class StillHeld extends Error {}

interface Work {
  /** Does what can be done now, and says what it waits for. */
  readonly run: () => Promise<string | undefined>;
  /** What to do when it is not done in time. */
  readonly otherwise: string;
}

/**
 * Takes down what CloudFormation does not know of, when it deletes the resource that stands for it. Called by CloudFormation it
 * starts a workflow, since an endpoint may take longer to go than a function may run; the workflow calls it again, step by step,
 * until CloudFormation has its answer.
 */
export const handler = lazyHandler<RetirementRequest | RetirementStep, RetirementStep | undefined>(() => {
  const env = RETIRE_ENDPOINT_ENV.read(process.env);
  const logger = new Logger({ serviceName: 'retire-endpoint' });
  const cloudformation = new CloudFormationClient();
  const clients = {
    sagemaker: new SageMakerClient(), cloudwatch: new CloudWatchClient(), autoscaling: new ApplicationAutoScalingClient(), sfn: new SFNClient(), s3: new S3Client(),
  };
  const succeed = (request: RetirementRequest) => answer(request, { status: 'SUCCESS', physicalResourceId: physicalIdOf(request, new Date()) });
  const fail = (request: RetirementRequest, reason: string) => answer(request, { status: 'FAILED', physicalResourceId: physicalIdOf(request, new Date()), reason });

  /** What is to be done now that the resource is deleted; undefined if nothing. */
  async function workOf(request: RetirementRequest): Promise<Work | undefined> {
    const { ResourceType: type, ResourceProperties: named, LogicalResourceId: own } = request;
    // Made by an earlier release of this library; others have taken its place.
    if (named.Name === undefined) return undefined;
    const status = await statusOf(cloudformation, env.STACK_ID);
    const holders = await holdersOf(cloudformation, env.STACK_ID, type, idPrefixOf(request));
    if (holders.some((holder) => holder !== own)) return undefined;
    const whenDeleted = `when it is, delete the stack again: aws cloudformation delete-stack --stack-name ${env.STACK_ID}`;
    if (type === LOOP_RETIREMENT) {
      const { StateMachineArns: workflows = [], JobNamePrefixes: jobPrefixes = [] } = named;
      const retire = ({ BucketNames: buckets = [], ModelPackageGroupName: packageGroup }: LoopContents, since?: Date) => ({
        run: () => retireLoop(clients, { workflows, jobPrefixes, buckets, packageGroup, since }, Date.now()), otherwise: whenDeleted,
      });
      if (status === 'DELETE_IN_PROGRESS') return retire(named.OnDeletion ?? {});
      if (status !== 'ROLLBACK_IN_PROGRESS') return undefined;
      // Nothing runs before this resource is there. What a new stack has imported may hold what is older.
      const since = createdAt(request);
      return since && retire(named.OnRollback ?? {}, since);
    }
    if (type !== ENDPOINT_RETIREMENT) return undefined;
    const retire = (otherwise: string, madeSince?: Date) => ({ run: () => retireEndpoint(clients, { name: named.Name!, stackId: env.STACK_ID, madeSince }), otherwise });
    if (status === 'DELETE_IN_PROGRESS' || status === 'ROLLBACK_IN_PROGRESS') return retire(whenDeleted);
    if (status !== 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' && !status.startsWith('UPDATE_ROLLBACK_')) return undefined;
    // The update goes on without the resource, and says so before it asks for its deletion.
    if (holders.length > 0) throw new StillHeld(`stack ${env.STACK_ID} still has ${own}; endpoint ${named.Name} was not retired`);
    const byHand = 'its configs, models and alarms have its name and a hash';
    if (status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') return retire(byHand);
    // An update that failed takes back what was made since, and nothing else.
    const since = createdAt(request);
    return since && retire(byHand, since);
  }

  async function begin(request: RetirementRequest): Promise<void> {
    try {
      if (request.RequestType !== 'Delete' || request.StackId !== env.STACK_ID || (await workOf(request)) === undefined) return await succeed(request);
      const step: RetirementStep = { request, status: 'in-progress', deadline: new Date(Date.now() + RETIREMENT_LIMIT_MINUTES * 60_000).toISOString() };
      await clients.sfn.send(new StartExecutionCommand({ stateMachineArn: env.WORKFLOW_ARN, name: request.RequestId, input: JSON.stringify(step) }));
    } catch (error) {
      // Told twice: the first one is at work.
      if (error instanceof ExecutionAlreadyExists) return undefined;
      // Lambda tries again, after one and two minutes.
      if (isTransient(error) || error instanceof StillHeld) throw error;
      logger.error('retirement could not begin', { error: String(error) });
      await fail(request, `${String(error)}; delete the stack again`);
    }
    return undefined;
  }

  async function proceed(step: RetirementStep): Promise<RetirementStep> {
    const { request } = step;
    const work = await workOf(request);
    if (work === undefined) throw new Error(`stack ${env.STACK_ID} does not delete ${request.LogicalResourceId}; nothing was retired`);
    const waitingFor = await work.run();
    if (waitingFor === undefined) {
      await succeed(request);
      return { ...step, status: 'answered' };
    }
    logger.info(`waiting: ${waitingFor}`);
    if (Date.now() < Date.parse(step.deadline)) return step;
    await fail(request, `not done after ${RETIREMENT_LIMIT_MINUTES} minutes: ${waitingFor}; ${work.otherwise}`);
    return { ...step, status: 'answered' };
  }

  return async (event) => ('request' in event ? proceed(event) : (await begin(event), undefined));
});
