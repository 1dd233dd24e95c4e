import type { Service } from '../service';
import type { World } from '../world';
import { CloudFormationService } from './cloudformation';
import { IamService } from './iam';
import { SsmService } from './ssm';

/** Every service of the twin; what is not here, it does not have. */
const SERVICES: ReadonlyArray<new (world: World) => Service> = [
  CloudFormationService,
  IamService,
  SsmService,
];

export function createServices(world: World): Service[] {
  return SERVICES.map((Class) => new Class(world));
}
