import { ApplicationAutoScalingClient } from '@aws-sdk/client-application-auto-scaling';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { Logger } from '@aws-lambda-powertools/logger';
import { RETIREMENT_LIMIT_MINUTES, RETIRE_ENDPOINT_ENV, type RetirementRequest, type RetirementStep } from '../../lib/serving/retire-endpoint.contract';
import { answer } from '../adapters/custom-resource';
import { lazyHandler } from '../adapters/lazy-handler';
import { isTransient } from '../adapters/transient';
import { Retirement, type RetirementScope } from './retirement/retirement';

/**
 * Takes down what releases made outside CloudFormation, when, and only when, the stack itself is being deleted. Called by
 * CloudFormation it starts a workflow, since an endpoint may take longer to go than a function may run; the workflow calls
 * it again, step by step, until CloudFormation has its answer.
 */
export const handler = lazyHandler<RetirementRequest | RetirementStep, RetirementStep | undefined>(() => {
  const env = RETIRE_ENDPOINT_ENV.read(process.env);
  const logger = new Logger({ serviceName: 'retire-endpoint' });
  const cloudformation = new CloudFormationClient();
  const workflow = new SFNClient();
  const clients = {
    sagemaker: new SageMakerClient(), cloudwatch: new CloudWatchClient(), autoscaling: new ApplicationAutoScalingClient(),
    events: new EventBridgeClient(), codepipeline: new CodePipelineClient(), sfn: workflow, s3: new S3Client(),
  };
  const scopeOf = ({ ResourceProperties: named = {} }: RetirementRequest): RetirementScope => ({
    stackId: env.STACK_ID, endpoints: named.EndpointNames ?? [], rules: named.RuleNames ?? [], pipelines: named.PipelineNames ?? [],
    workflows: named.StateMachineArns ?? [], jobPrefixes: named.JobNamePrefixes ?? [], packageGroup: named.ModelPackageGroupName, buckets: named.BucketNames ?? [],
  });
  const idOf = (request: RetirementRequest) => request.PhysicalResourceId ?? 'endpoint-retirement';
  const succeed = (request: RetirementRequest) => answer(request, { status: 'SUCCESS', physicalResourceId: idOf(request) });

  /** A replacement, a renamed logical id and a rolled-back create send Delete as well; none of them may touch a live endpoint. */
  async function stackIsBeingDeleted(): Promise<boolean> {
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: env.STACK_ID }));
    return Stacks?.[0]?.StackStatus === 'DELETE_IN_PROGRESS';
  }

  async function begin(request: RetirementRequest): Promise<void> {
    try {
      if (request.RequestType !== 'Delete' || request.StackId !== env.STACK_ID || !(await stackIsBeingDeleted())) return await succeed(request);
      const step: RetirementStep = { request, status: 'in-progress', deadline: new Date(Date.now() + RETIREMENT_LIMIT_MINUTES * 60_000).toISOString() };
      await workflow.send(new StartExecutionCommand({ stateMachineArn: env.WORKFLOW_ARN, name: request.RequestId, input: JSON.stringify(step) }));
    } catch (error) {
      // Told twice: the first one is at work.
      if (error instanceof ExecutionAlreadyExists) return undefined;
      // Lambda tries again, after one and two minutes.
      if (isTransient(error)) throw error;
      logger.error('retirement could not begin', { error: String(error) });
      await answer(request, { status: 'FAILED', physicalResourceId: idOf(request), reason: `${String(error)}; delete the stack again` });
    }
    return undefined;
  }

  async function proceed(step: RetirementStep): Promise<RetirementStep> {
    if (!(await stackIsBeingDeleted())) throw new Error(`stack ${env.STACK_ID} is not being deleted; nothing was retired`);
    const { waitingFor } = await new Retirement(clients, scopeOf(step.request)).step(Date.now());
    if (waitingFor === undefined) {
      await succeed(step.request);
      return { ...step, status: 'answered' };
    }
    logger.info(`waiting: ${waitingFor}`);
    if (Date.now() < Date.parse(step.deadline)) return step;
    await answer(step.request, {
      status: 'FAILED', physicalResourceId: idOf(step.request),
      reason: `not done after ${RETIREMENT_LIMIT_MINUTES} minutes: ${waitingFor}; when it is, delete the stack again: aws cloudformation delete-stack --stack-name ${env.STACK_ID}`,
    });
    return { ...step, status: 'answered' };
  }

  return async (event) => ('request' in event ? proceed(event) : (await begin(event), undefined));
});
