import { Duration, Stack } from 'aws-cdk-lib';
import { IProject } from 'aws-cdk-lib/aws-codebuild';
import * as codepipeline from 'aws-cdk-lib/aws-codepipeline';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ITopic } from 'aws-cdk-lib/aws-sns';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SUCCESS_MARKER } from '../data/artifact-keys.contract';
import { DataBuckets } from '../data/data-buckets';
import { Dataset } from '../data/dataset';
import { BUILD_NAMESPACE, IModelImage } from '../model/model-image';
import { throwFaults } from '../private/errors';
import { regionalArn } from '../private/handler-function';
import { PipelineAction, allowTaggedArtifacts, pipelineRole } from '../private/pipeline-action';
import { sealed, serviceRole } from '../private/service-role';
import { TrainingWorkflow } from '../training/training-workflow';
import { noticeFailures } from './failure-notice';
import { DEFAULT_TRAINING_WINDOW, DEFAULT_TRIGGER, TRAINING_VARIABLES } from './training-variables.contract';

export interface TrainingPipelineProps {
  /** The image that trains; it is built in the pipeline unless it exists already. */
  readonly image: IModelImage;
  /** What trains. */
  readonly workflow: TrainingWorkflow;
  /** The data whose batches start a run. */
  readonly dataset: Dataset;
  /** Where artifacts pass between actions. */
  readonly buckets: DataBuckets;

  /**
   * Who is told of a failed run.
   *
   * @default - nobody; failed runs can be seen in the console
   */
  readonly alarmTopic?: ITopic;

  /**
   * Where events go that could not start the pipeline.
   *
   * @default - they are dropped after a day of retries
   */
  readonly deadLetterQueue?: IQueue;
}

/**
 * From code or data to a registered candidate. A run starts when the project changes, and once per complete batch of
 * data: an object `_SUCCESS` under the dataset's prefix. Runs queue; none overtakes another.
 */
export class TrainingPipeline extends Construct {
  /** The pipeline. Its variables `TrainingWindow` and `Trigger` say what a run trains on and why. */
  public readonly pipeline: codepipeline.Pipeline;
  /** Rules that start it or tell of it. */
  public readonly rules: events.Rule[] = [];

  constructor(scope: Construct, id: string, props: TrainingPipelineProps) {
    super(scope, id);
    const { image, buckets } = props;
    throwFaults(this, runFaults(props.workflow));
    const role = pipelineRole(this, 'Role', buckets.pipelineArtifacts);
    const project = new codepipeline.Artifact('Project');
    const source = image.project.bind(this, { output: project, role });
    allowTaggedArtifacts(role, source.action, buckets.pipelineArtifacts);

    this.pipeline = new codepipeline.Pipeline(this, 'Resource', {
      pipelineType: codepipeline.PipelineType.V2,
      executionMode: codepipeline.ExecutionMode.QUEUED,
      // The role's permissions are those written here; the CDK would add whole families.
      role: sealed(role),
      usePipelineRoleForActions: true,
      artifactBucket: buckets.pipelineArtifacts,
      restartExecutionOnUpdate: true,
      variables: [
        new codepipeline.Variable({ variableName: TRAINING_VARIABLES.window, defaultValue: DEFAULT_TRAINING_WINDOW, description: 'how much of the newest data to train on, an ISO 8601 duration' }),
        new codepipeline.Variable({ variableName: TRAINING_VARIABLES.trigger, defaultValue: DEFAULT_TRIGGER, description: 'what started the run' }),
      ],
      stages: [
        { stageName: 'Source', actions: [source.action] },
        ...(image.buildProject ? [{ stageName: 'Build', actions: [this.buildAction(role, image.buildProject, project)] }] : []),
        { stageName: 'Train', actions: [this.trainAction(role, props, source.revision)] },
      ],
    });

    this.startOn('NewData', 'a batch of the dataset is complete', dataEvents(props.dataset), props.deadLetterQueue);
    if (source.changes) this.startOn('NewCode', 'the model project has changed', source.changes, props.deadLetterQueue);
    if (props.alarmTopic) this.rules.push(noticeFailures(this, this.pipeline, props.alarmTopic, 'training-pipeline-failed', props.deadLetterQueue));
  }

  private buildAction(role: iam.Role, build: IProject, project: codepipeline.Artifact): codepipeline.IAction {
    role.addToPolicy(new iam.PolicyStatement({
      actions: ['codebuild:BatchGetBuilds', 'codebuild:StartBuild', 'codebuild:StopBuild'], resources: [build.projectArn],
    }));
    return new PipelineAction({
      name: 'Build',
      category: codepipeline.ActionCategory.BUILD,
      provider: 'CodeBuild',
      configuration: { ProjectName: build.projectName },
      input: project,
      namespace: BUILD_NAMESPACE,
    });
  }

  private trainAction(role: iam.Role, { workflow, image }: TrainingPipelineProps, codeRevision: string): codepipeline.IAction {
    const { stateMachineArn, stateMachineName } = workflow.stateMachine;
    role.addToPolicy(new iam.PolicyStatement({ actions: ['states:DescribeStateMachine', 'states:StartExecution'], resources: [stateMachineArn] }));
    const executions = Stack.of(this).formatArn({ service: 'states', resource: `execution:${stateMachineName}:*` });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }));
    return new PipelineAction({
      name: 'Train',
      category: codepipeline.ActionCategory.INVOKE,
      provider: 'StepFunctions',
      configuration: {
        StateMachineArn: stateMachineArn,
        InputType: 'Literal',
        // CodePipeline puts values in as they are, quotes too. What stands last counts: no variable can name another image.
        Input: JSON.stringify({
          trainingWindow: `#{variables.${TRAINING_VARIABLES.window}}`,
          trigger: `#{variables.${TRAINING_VARIABLES.trigger}}`,
          imageUri: image.imageUri,
          codeRevision,
        }),
      },
    });
  }

  private startOn(id: string, description: string, eventPattern: events.EventPattern, deadLetterQueue: IQueue | undefined): void {
    const eventRole = serviceRole(this, `${id}Role`, 'events.amazonaws.com');
    const pipelineArn = regionalArn(this, 'codepipeline', this.pipeline.pipelineName);
    eventRole.addToPolicy(new iam.PolicyStatement({ actions: ['codepipeline:StartPipelineExecution'], resources: [pipelineArn] }));
    const rule = new events.Rule(this, id, {
      description,
      eventPattern,
      targets: [new targets.CodePipeline(this.pipeline, { eventRole: sealed(eventRole), deadLetterQueue })],
    });
    // Unlike the CDK's other targets, this one does not let its rule use the queue, and an event that could not be sent would be lost.
    deadLetterQueue?.addToResourcePolicy(new iam.PolicyStatement({
      principals: [new iam.ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [deadLetterQueue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': rule.ruleArn } },
    }));
    this.rules.push(rule);
  }
}

/** Step Functions' invoke action, in CodePipeline's quotas (https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html). */
const ACTION_LIMIT = Duration.days(7);

function runFaults({ _longestRun: longest }: TrainingWorkflow): readonly string[] {
  if (longest === undefined || longest.toSeconds() <= ACTION_LIMIT.toSeconds()) return [];
  return [`a training run may take ${longest.toHumanString()} with the wait for spot capacity, the second run on demand and the evaluations, but CodePipeline ends it `
    + `after ${ACTION_LIMIT.toHumanString()}; lower training.maximumRuntime or maximumWait, or leave out retryOnDemand or spot capacity`];
}

/** One event per batch, not one per object: of the marker under the prefix or in a folder below it, not of keys that merely end like it. */
function dataEvents(dataset: Dataset): events.EventPattern {
  return {
    source: ['aws.s3'],
    detailType: ['Object Created'],
    detail: {
      bucket: { name: [dataset.bucket.bucketName] },
      object: { key: [`${dataset.prefix}${SUCCESS_MARKER}`, { wildcard: `${literal(dataset.prefix)}*/${SUCCESS_MARKER}` }] },
    },
  };
}

/** In a wildcard a star and a backslash stand for themselves only behind a backslash. */
function literal(text: string): string {
  return text.replace(/[\\*]/g, '\\$&');
}
