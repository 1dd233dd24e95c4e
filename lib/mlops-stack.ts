import { Stack, StackProps } from 'aws-cdk-lib';
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
  }
}
