import { Aws, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ModelRegistry } from '../model/model-registry';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { handlerTask } from '../private/handler-task';
import { uniqueName } from '../private/names';
import { allowScaling } from '../private/scaling';
import { sealed, serviceRole } from '../private/service-role';
import { ModelEndpoint } from './model-endpoint';
import { RETIREMENT_LIMIT_MINUTES, RETIRE_ENDPOINT_ENV, RetirementProperties } from './retire-endpoint.contract';

export interface EndpointRetirementProps {
  /** Endpoints that releases of this stack make. */
  readonly endpoints: ModelEndpoint[];
  /** Rules that could start something while the stack is deleted. */
  readonly rules: events.IRule[];
  /** Pipelines that are stopped first. */
  readonly pipelines: codepipeline.IPipeline[];

  /**
   * Workflows whose running executions are stopped.
   *
   * @default - no executions are stopped
   */
  readonly workflows?: sfn.StateMachine[];

  /**
   * Training and processing jobs whose names start so are stopped.
   *
   * @default - no jobs are stopped but those that a stopped execution waits for
   */
  readonly jobNamePrefixes?: string[];

  /**
   * Policies that stay until the executions of the workflows have ended. Roles do so anyway.
   *
   * @default - the workflows need no policy beside those of their roles
   */
  readonly workflowPolicies?: iam.Policy[];

  /**
   * A registry whose packages are deleted too, so that its group can be.
   *
   * @default - packages stay
   */
  readonly registryToEmpty?: ModelRegistry;

  /**
   * Buckets that are emptied, all versions, so that they can be deleted.
   *
   * @default - buckets keep their objects
   */
  readonly bucketsToEmpty?: s3.IBucket[];

  /**
   * Key of the handler's logs.
   *
   * @default - CloudWatch Logs encrypts with its own key
   */
  readonly encryptionKey?: IKey;

  /**
   * How long the handler's logs are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
}

/**
 * When the stack is deleted: stops what runs in it (pipelines, executions of workflows and their jobs), removes what
 * releases made outside CloudFormation (endpoints with their configs, models, scalable targets and alarms), and empties what
 * can only be deleted empty. Nothing that belongs to another stack, and nothing when the stack is merely updated.
 */
export class EndpointRetirement extends Construct {
  constructor(scope: Construct, id: string, private readonly props: EndpointRetirementProps) {
    super(scope, id);
    // Named, because handler and workflow call each other.
    const workflowName = uniqueName(this, 80);
    const workflowArn = Stack.of(this).formatArn({ service: 'states', resource: `stateMachine:${workflowName}` });
    const handler = this.createHandler(workflowArn);
    const workflow = this.createWorkflow(workflowName, handler);

    const retirement = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::EndpointRetirement',
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.hours(1),
      properties: this.properties(),
    });
    // Its name alone would let it be deleted first.
    retirement.node.addDependency(workflow);
  }

  /** What the custom resource refers to is deleted after it: what endpoints and executions need outlives them. */
  private properties(): { [name in keyof RetirementProperties]: unknown } & { readonly WorkflowPolicies: string[] } {
    const { endpoints, rules, pipelines, registryToEmpty } = this.props;
    return {
      RuleNames: rules.map((rule) => rule.ruleName),
      PipelineNames: pipelines.map((pipeline) => pipeline.pipelineName),
      StateMachineArns: (this.props.workflows ?? []).map((workflow) => workflow.stateMachineArn),
      JobNamePrefixes: this.props.jobNamePrefixes ?? [],
      EndpointNames: endpoints.map((endpoint) => endpoint.endpointName),
      BucketNames: (this.props.bucketsToEmpty ?? []).map((bucket) => bucket.bucketName),
      ModelPackageGroupName: registryToEmpty?.modelPackageGroupName,
      WorkflowPolicies: (this.props.workflowPolicies ?? []).map((policy) => (policy.node.defaultChild as iam.CfnPolicy).ref),
    };
  }

  private createHandler(workflowArn: string): HandlerFunction {
    const { encryptionKey, logRetention } = this.props;
    const handler = new HandlerFunction(this, 'Retire', {
      handler: 'serving/retire-endpoint',
      description: 'stops what runs in the stack, and removes what releases made outside CloudFormation',
      timeout: Duration.minutes(5),
      encryptionKey,
      logRetention,
      environment: RETIRE_ENDPOINT_ENV.render({ STACK_ID: Aws.STACK_ID, WORKFLOW_ARN: workflowArn }),
    });
    handler.allow(['states:StartExecution'], [workflowArn]);
    handler.allow(['cloudformation:DescribeStacks'], [Aws.STACK_ID]);
    this.allowStopping(handler);
    this.allowRetirement(handler);
    return handler;
  }

  private allowStopping(handler: HandlerFunction): void {
    const { workflows = [], jobNamePrefixes = [] } = this.props;
    if (workflows.length > 0) {
      handler.allow(['states:ListExecutions'], workflows.map((workflow) => workflow.stateMachineArn));
      handler.allow(['states:StopExecution'], workflows.map(({ stateMachineName }) => Stack.of(this).formatArn({ service: 'states', resource: `execution:${stateMachineName}:*` })));
    }
    if (jobNamePrefixes.length > 0) {
      const jobs = (kind: string) => jobNamePrefixes.map((prefix) => regionalArn(this, 'sagemaker', kind, `${prefix}*`));
      handler.allow(['sagemaker:ListProcessingJobs', 'sagemaker:ListTrainingJobs'], ['*']);
      handler.allow(['sagemaker:StopTrainingJob'], jobs('training-job'));
      handler.allow(['sagemaker:StopProcessingJob'], jobs('processing-job'));
    }
  }

  private allowRetirement(handler: HandlerFunction): void {
    const { endpoints, rules, pipelines, registryToEmpty, bucketsToEmpty } = this.props;
    const named = (resource: string) => endpoints.map((endpoint) => regionalArn(this, 'sagemaker', resource, `${endpoint.endpointName}-*`));
    const pipelineArns = pipelines.map((pipeline) => regionalArn(this, 'codepipeline', pipeline.pipelineName));

    handler.allow(['events:DisableRule'], rules.map((rule) => rule.ruleArn));
    handler.allow(['codepipeline:GetPipeline', 'codepipeline:ListPipelineExecutions', 'codepipeline:StopPipelineExecution'], pipelineArns);
    handler.allow(['codepipeline:DisableStageTransition'], pipelineArns.map((arn) => `${arn}/*`));

    handler.allow(['sagemaker:DeleteEndpoint', 'sagemaker:DescribeEndpoint', 'sagemaker:ListTags'], endpoints.map((endpoint) => endpoint.endpointArn));
    handler.allow(['sagemaker:DeleteEndpointConfig'], named('endpoint-config'));
    handler.allow(['sagemaker:DeleteModel'], named('model'));
    handler.allow(['sagemaker:ListEndpointConfigs', 'sagemaker:ListModels'], ['*']);
    const alarm = (name: string) => Stack.of(this).formatArn({ service: 'cloudwatch', resource: `alarm:${name}` });
    handler.allow(['cloudwatch:DeleteAlarms'], endpoints.map((endpoint) => alarm(`${endpoint.endpointName}-*`)));
    // Looked up by prefix, which CloudWatch treats as a look at all alarms.
    handler.allow(['cloudwatch:DescribeAlarms'], [alarm('*')]);
    allowScaling(this, handler, ['DeregisterScalableTarget']);

    if (registryToEmpty) handler.allow(['sagemaker:DeleteModelPackage', 'sagemaker:ListModelPackages'], [registryToEmpty.modelPackageArns]);
    for (const bucket of bucketsToEmpty ?? []) {
      handler.allow(['s3:ListBucketVersions'], [bucket.bucketArn]);
      // Each version by its id, `null` where the bucket has no versions, which takes the permission on versions as well.
      handler.allow(['s3:DeleteObjectVersion'], [bucket.arnForObjects('*')]);
    }
  }

  /** An endpoint may take longer to go than a function may run: look, wait, look again, until CloudFormation has its answer. */
  private createWorkflow(stateMachineName: string, handler: HandlerFunction): sfn.StateMachine {
    const role = serviceRole(this, 'WorkflowRole', 'states.amazonaws.com');
    role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.function.functionArn] }));
    const definition = {
      Comment: 'retires endpoints while the stack is deleted',
      StartAt: 'Retire',
      TimeoutSeconds: (RETIREMENT_LIMIT_MINUTES + 5) * 60,
      States: {
        Retire: {
          Type: 'Task',
          ...handlerTask(handler),
          Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 10, BackoffRate: 1.5 }],
          Next: 'Answered',
        },
        Answered: { Type: 'Choice', Choices: [{ Variable: '$.status', StringEquals: 'answered', Next: 'Done' }], Default: 'Wait' },
        Wait: { Type: 'Wait', Seconds: 30, Next: 'Retire' },
        Done: { Type: 'Succeed' },
      },
    };
    return new sfn.StateMachine(this, 'Workflow', {
      stateMachineName,
      definitionBody: sfn.DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      role: sealed(role),
    });
  }
}
