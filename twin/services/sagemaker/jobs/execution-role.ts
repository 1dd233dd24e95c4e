import { AwsError } from '../../../service';
import type { AuthorizationRequest, Principal } from '../../../service';
import type { LocalImage } from '../../../jobs/container';
import { parseReference, pullImage } from '../../../jobs/registry';
import type { World } from '../../../world';
import { validation } from '../names';

export function executionRole(roleArn: string): Principal {
  return { kind: 'role', roleArn, sessionName: 'SageMaker' };
}

export function passRole(roleArn: string): AuthorizationRequest {
  return { action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } };
}

/** SageMaker takes the role on when it accepts the job; the role's trust policy decides. */
export async function assumeRole(world: World, roleArn: string, jobArn: string): Promise<Principal> {
  try {
    await world.call({
      service: 'sts', operation: 'AssumeRole', input: { RoleArn: roleArn, RoleSessionName: 'SageMaker' },
      caller: { kind: 'service', service: 'sagemaker.amazonaws.com', sourceArn: jobArn, sourceAccount: world.account },
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw validation(`Could not assume role ${roleArn}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' to assume the role.`);
  }
  return executionRole(roleArn);
}

/** SageMaker looks at the image before it accepts a job. */
export async function imageForJob(world: World, uri: string, roleArn: string): Promise<LocalImage> {
  const reference = parseReference(uri);
  if (reference === undefined) throw validation(`Using non-ECR image "${uri}" without Vpc repository access mode is not supported.`);
  try {
    return await pullImage(world, uri, executionRole(roleArn));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'ImageNotFoundException') throw validation(`Requested image ${uri} not found.`);
    if (!error.code.startsWith('AccessDenied') && error.code !== 'RepositoryNotFoundException') throw error;
    throw validation(`Cannot find repository: ${reference.repository} in registry ID: ${reference.account} Please check if your ECR repository exists and role ${roleArn} `
      + `has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer (${error.message})`);
  }
}
