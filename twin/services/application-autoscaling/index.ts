import { Service } from '../../service';
import { World } from '../../world';
import type { ScalingTarget } from '../cloudwatch/alarm-actions';
import type { ScalableTargets } from '../sagemaker/hosting/endpoints';
import { autoScalingOperations } from './api';
import { autoScalingResources } from './resources';
import { Scaling } from './scaling';
import { AutoScalingState } from './state';

/** Application Auto Scaling: the instances of SageMaker's variants, by target tracking. */
export class ApplicationAutoScalingService implements Service, ScalingTarget {
  readonly name = 'application-autoscaling';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  /** What SageMaker asks before it changes or deletes an endpoint. */
  readonly targets: ScalableTargets;
  private readonly state: AutoScalingState;
  private readonly scaling: Scaling;

  constructor(world: World) {
    this.state = new AutoScalingState(world);
    this.scaling = new Scaling(world, this.state);
    this.operations = autoScalingOperations(world, this.state, this.scaling);
    this.resources = autoScalingResources(this.state, this.scaling);
    this.targets = {
      variantsOf: (endpointName) => this.state.variantsOf(endpointName),
      forget: (endpointName) => {
        for (const target of [...this.state.targetsByResource.values()]) if (target.endpointName === endpointName) this.scaling.remove(target);
      },
    };
  }

  alarmAction(policyArn: string): void {
    const policy = this.state.policyByArn(policyArn);
    if (policy) this.scaling.tracker.reconsider(policy);
  }

  remaining(): string[] {
    return [...this.state.targetsByResource.values()].map(({ arn }) => arn);
  }
}
