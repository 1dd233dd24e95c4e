import { Aws, CustomResource, Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, IConstruct } from 'constructs';
import { ModelRegistry } from '../model/model-registry';
import { Faults } from '../private/errors';
import { HandlerFunction, regionalArn } from '../private/handler-function';
import { handlerTask } from '../private/handler-task';
import { uniqueName } from '../private/names';
import { allowScaling } from '../private/scaling';
import { sealed, serviceRole } from '../private/service-role';
import { EndpointRetirement } from './endpoint-retirement';
import { ModelEndpoint } from './model-endpoint';
import { LOOP_RETIREMENT, LoopContents, LoopRetirementProperties as Properties, RETIREMENT_LIMIT_MINUTES, RETIRE_ENDPOINT_ENV } from './retire-endpoint.contract';

export interface LoopRetirementProps {
  /** Endpoints that releases of this stack make. */
  readonly endpoints: ModelEndpoint[];

  /**
   * What starts something by itself, such as pipelines and schedules. It is created after the retirement and deleted before it, so
   * that nothing starts any more when the retirement begins.
   *
   * @default - nothing but the releases to the endpoints
   */
  readonly starters?: IConstruct[];

  /**
   * Workflows whose running executions are stopped.
   *
   * @default - no executions are stopped
   */
  readonly workflows?: sfn.StateMachine[];

  /**
   * Policies that stay until the executions of the workflows have ended. Roles do so anyway.
   *
   * @default - the workflows need no policy beside those of their roles
   */
  readonly workflowPolicies?: iam.Policy[];

  /**
   * Training and processing jobs whose names start so are stopped.
   *
   * @default - no jobs are stopped but those that a stopped execution waits for
   */
  readonly jobNamePrefixes?: string[];

  /**
   * A registry of the stack. Its packages are deleted whenever `removalPolicy` says that its group is.
   *
   * @default - no packages are deleted
   */
  readonly registry?: ModelRegistry;

  /**
   * Buckets of the stack that only the loop writes to. They are emptied, all versions, whenever `removalPolicy` says that they are
   * deleted.
   *
   * @default - no buckets are emptied
   */
  readonly buckets?: s3.IBucket[];

  /**
   * A bucket of the stack that people put their data in. It is emptied with `RemovalPolicy.DESTROY` only: a creation that is rolled
   * back cannot delete it when it holds data.
   *
   * @default - no such bucket is emptied
   */
  readonly datasets?: s3.IBucket;

  /**
   * The removal policy of registry and buckets. What is deleted by it, with the stack or when the creation of the stack is rolled
   * back, is emptied before.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;

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
 * Takes down what CloudFormation does not know of. When the stack is deleted, or its creation is rolled back: endpoints with their
 * configs, models, scalable targets and alarms; then running executions of workflows and their jobs; last, the contents of what can
 * only be deleted empty. When an update removes an endpoint from the stack or renames it: that endpoint. Nothing that belongs to
 * another stack.
 */
export class LoopRetirement extends Construct {
  constructor(scope: Construct, id: string, private readonly props: LoopRetirementProps) {
    super(scope, id);
    const names = props.endpoints.map(({ endpointName }) => endpointName);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    new Faults().when(twice.length > 0, `two endpoints are called '${twice[0]}'; give each a name of its own`).throwIn(this);
    // Named, because handler and workflow call each other.
    const workflowName = uniqueName(this, 80);
    const workflowArn = Stack.of(this).formatArn({ service: 'states', resource: `stateMachine:${workflowName}` });
    const handler = this.createHandler(workflowArn);
    const workflow = this.createWorkflow(workflowName, handler);

    const loop = new CustomResource(this, 'Loop', {
      resourceType: LOOP_RETIREMENT,
      serviceToken: handler.function.functionArn,
      serviceTimeout: Duration.hours(1),
      properties: this.properties(),
    });
    // Its name alone would let it be deleted first.
    loop.node.addDependency(workflow);
    for (const starter of props.starters ?? []) starter.node.addDependency(loop);
    for (const endpoint of props.endpoints) this.retire(endpoint, handler, loop);
  }

  /** A release can begin when there is something that takes its endpoint down again, and no later than that is gone. */
  private retire(endpoint: ModelEndpoint, handler: HandlerFunction, loop: CustomResource): void {
    const id = Token.isUnresolved(endpoint.endpointName) ? endpoint.node.id : endpoint.endpointName;
    const { resource } = new EndpointRetirement(this, id, endpoint, handler);
    resource.node.addDependency(loop);
    endpoint.deployFunction.role!.node.addDependency(resource);
  }

  private properties(): { [name in keyof Properties]: unknown } & { readonly KeptUntilThen: string[] } {
    const { workflows = [], workflowPolicies = [], jobNamePrefixes = [] } = this.props;
    return {
      Name: uniqueName(this),
      StateMachineArns: workflows.map((workflow) => workflow.stateMachineArn),
      JobNamePrefixes: jobNamePrefixes,
      OnDeletion: this.contents(this.removalPolicy === RemovalPolicy.DESTROY),
      OnRollback: this.contents(this.removalPolicy !== RemovalPolicy.RETAIN),
      // What is referred to is deleted later.
      KeptUntilThen: workflowPolicies.map((policy) => (policy.node.defaultChild as iam.CfnPolicy).ref),
    };
  }

  private get removalPolicy(): RemovalPolicy {
    return this.props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
  }

  private get emptiedBuckets(): s3.IBucket[] {
    const { buckets = [], datasets } = this.props;
    if (this.removalPolicy === RemovalPolicy.RETAIN) return [];
    return this.removalPolicy === RemovalPolicy.DESTROY && datasets ? [...buckets, datasets] : buckets;
  }

  private contents(emptied: boolean): { [name in keyof LoopContents]: unknown } {
    return {
      BucketNames: emptied ? this.emptiedBuckets.map((bucket) => bucket.bucketName) : [],
      ModelPackageGroupName: emptied ? this.props.registry?.modelPackageGroupName : undefined,
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
    handler.allow(['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'], [Aws.STACK_ID]);
    this.allowRetirement(handler);
    this.allowStopping(handler);
    return handler;
  }

  /** What knows no endpoint; each has a policy of its own for the rest. */
  private allowRetirement(handler: HandlerFunction): void {
    const { registry } = this.props;
    handler.allow(['sagemaker:ListEndpointConfigs', 'sagemaker:ListModels'], ['*']);
    // Looked up by prefix, which CloudWatch treats as a look at all alarms.
    handler.allow(['cloudwatch:DescribeAlarms'], [Stack.of(this).formatArn({ service: 'cloudwatch', resource: 'alarm:*' })]);
    allowScaling(this, handler, ['DeregisterScalableTarget']);

    if (registry && this.removalPolicy !== RemovalPolicy.RETAIN) handler.allow(['sagemaker:DeleteModelPackage', 'sagemaker:ListModelPackages'], [registry.modelPackageArns]);
    for (const bucket of this.emptiedBuckets) {
      handler.allow(['s3:ListBucketVersions'], [bucket.bucketArn]);
      // Each version by its id, `null` where the bucket has no versions, which takes the permission on versions as well.
      handler.allow(['s3:DeleteObjectVersion'], [bucket.arnForObjects('*')]);
    }
  }

  private allowStopping(handler: HandlerFunction): void {
    const { workflows = [], jobNamePrefixes = [] } = this.props;
    if (workflows.length > 0) {
      handler.allow(['states:ListExecutions'], workflows.map((workflow) => workflow.stateMachineArn));
      handler.allow(['states:StopExecution'], workflows.map(({ stateMachineName }) => Stack.of(this).formatArn({ service: 'states', resource: `execution:${stateMachineName}:*` })));
    }
    if (jobNamePrefixes.length > 0) {
      const jobs = (kind: string) => jobNamePrefixes.map((prefix) => regionalArn(this, 'sagemaker', kind, `${prefix}*`));
      handler.allow(['sagemaker:ListProcessingJobs', 'sagemaker:ListTrainingJobs', 'sagemaker:ListTransformJobs'], ['*']);
      handler.allow(['sagemaker:StopTrainingJob'], jobs('training-job'));
      handler.allow(['sagemaker:StopProcessingJob'], jobs('processing-job'));
      handler.allow(['sagemaker:StopTransformJob'], jobs('transform-job'));
      // Those that were made to answer a hold-out when their run was stopped.
      handler.allow(['sagemaker:DeleteModel'], jobs('model'));
    }
  }

  /**
   * An endpoint may take longer to go than a function may run: the handler is called again until CloudFormation has its answer. The
   * first time half a minute later, when roles that were deleted just before have lost their permissions everywhere.
   */
  private createWorkflow(stateMachineName: string, handler: HandlerFunction): sfn.StateMachine {
    const role = serviceRole(this, 'WorkflowRole', 'states.amazonaws.com');
    role.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.function.functionArn] }));
    const definition = {
      Comment: 'retires an endpoint, or the whole loop',
      StartAt: 'Wait',
      TimeoutSeconds: (RETIREMENT_LIMIT_MINUTES + 5) * 60,
      States: {
        Wait: { Type: 'Wait', Seconds: 30, Next: 'Retire' },
        Retire: {
          Type: 'Task',
          ...handlerTask(handler),
          Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 10, BackoffRate: 1.5 }],
          Next: 'Answered',
        },
        Answered: { Type: 'Choice', Choices: [{ Variable: '$.status', StringEquals: 'answered', Next: 'Done' }], Default: 'Wait' },
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
