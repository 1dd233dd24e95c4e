import { CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
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
  }

  private output(name: string, description: string, value: string): void {
    new CfnOutput(this, name, { description, value });
  }
}
