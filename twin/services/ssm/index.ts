import type { Service } from '../../service';
import type { World } from '../../world';
import { ssmOperations } from './api';
import { ssmResources } from './resources';
import { SsmState } from './state';

/** The parameter store of Systems Manager. */
export class SsmService implements Service {
  readonly name = 'ssm';
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly state = new SsmState();

  constructor(world: World) {
    this.operations = ssmOperations(world, this.state);
    this.resources = ssmResources(this.state);
  }

  /** What a template parameter of type `AWS::SSM::Parameter::Value` reads. */
  valueOf(name: string): string | undefined {
    return this.state.parameters.get(name)?.value;
  }

  remaining(): string[] {
    return [...this.state.parameters.values()].map(({ arn }) => arn);
  }
}
