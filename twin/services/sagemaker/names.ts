import { AwsError } from '../../service';
import { World } from '../../world';

export type Kind = 'model-package-group' | 'model-package' | 'model' | 'endpoint-config' | 'endpoint';

/** SageMaker writes names in lower case in its ARNs, whatever the name looks like. */
export function arnOf(world: World, kind: Kind, name: string): string {
  return world.arn('sagemaker', `${kind}/${name.toLowerCase()}`);
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** The name out of an ARN, or the name as it is. */
export function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.indexOf('/') + 1) : nameOrArn;
}
