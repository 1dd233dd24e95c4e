import { CfnOutput, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { MlopsLoop, MlopsLoopProps } from './mlops-loop';

export interface MlopsStackProps extends MlopsLoopProps {
  /**
   * Properties of the stack itself, such as its environment.
   *
   * @default - a stack for any account and region
   */
  readonly stack?: StackProps;
}

/**
 * A stack with one loop in it.
 *
 *     new MlopsStack(app, 'Flights', {
 *       project: ModelProject.fromDirectory('examples/flight-delay'),
 *       dataset: { labelColumn: 'late', timeColumn: 'time' },
 *       gate: QualityGate.atLeast('auc', 0.58),
 *     });
 */
export class MlopsStack extends Stack {
  /** The loop, with all its parts. */
  public readonly loop: MlopsLoop;

  constructor(scope: Construct, id: string, props: MlopsStackProps) {
    super(scope, id, props.stack);
    this.loop = new MlopsLoop(this, 'Loop', props);
    this.output('DataBucketName', 'Training data goes here; a _SUCCESS object starts a run', this.loop.buckets.datasets.bucketName);
    this.output('ArtifactsBucketName', 'Models, evaluations, baselines and drift reports', this.loop.buckets.artifacts.bucketName);
    this.output('EndpointName', 'Applications ask this endpoint; it exists from the first release on', this.loop.endpoint.endpointName);
    this.output('ModelPackageGroupName', 'Candidates wait here for approval', this.loop.registry.modelPackageGroupName);
    this.output('TrainingPipelineName', 'From code or data to a candidate', this.loop.trainingPipeline.pipeline.pipelineName);
    this.output('ReleasePipelineName', 'From an approved package to the endpoint', this.loop.releasePipeline.pipeline.pipelineName);
    this.output('DriftAlarmName', 'Rings when the traffic no longer looks like the training data', this.loop.monitor.driftAlarm.alarmName);
    this.output('MonitorName', 'Folder of the drift reports, below monitoring/', this.loop.monitor.monitorName);
    this.output('LoopName', 'Folder of the state of retraining, below state/', this.loop.retraining.loopName);
    this.output('AlarmTopicArn', 'Subscribe here to hear of alarms and failed runs', this.loop.alarmTopic.topicArn);
    if (this.loop.quality) {
      this.output('GroundTruthUri', 'Labels go here, below yyyy/mm/dd/hh/', this.loop.quality.groundTruthUri);
      this.output('QualityAlarmName', 'Rings when the answers are worse than at registration, by more than is allowed', this.loop.quality.qualityAlarm.alarmName);
      this.output('QualityMonitorName', 'Folder of the figures of quality, below monitoring/', this.loop.quality.monitorName);
    }
    if (props.removalPolicy !== RemovalPolicy.DESTROY) this.outputWhatStays();
  }

  /** What outlives the stack goes on costing: its owner is told where it is and how much. */
  private outputWhatStays(): void {
    const { buckets, imageRepository, encryptionKey } = this.loop;
    const stays = (price: string) => `Stays when the stack is deleted, as the buckets and the model package group do; about ${price}`;
    this.output('CapturedBucketName', stays('0.023 USD per GB and month'), buckets.captured.bucketName);
    this.output('PipelineArtifactsBucketName', stays('0.023 USD per GB and month'), buckets.pipelineArtifacts.bucketName);
    if (imageRepository) this.output('ImageRepositoryName', stays('0.10 USD per GB and month'), imageRepository.repositoryName);
    if (encryptionKey) this.output('EncryptionKeyArn', stays('1 USD a month'), encryptionKey.keyArn);
  }

  private output(name: string, description: string, value: string): void {
    new CfnOutput(this, name, { description, value });
  }
}
