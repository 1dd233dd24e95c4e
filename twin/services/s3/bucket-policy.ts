import { AwsError, type PolicyDocument } from '../../service';
import type { World } from '../../world';
import { missingRole, principalsOf } from '../kms/principals';
import type { Bucket } from './bucket';

interface Statement {
  readonly Effect: string;
  readonly Resource?: string | readonly string[];
  readonly Condition?: unknown;
}

/** What S3 checks before it takes a policy: its resources are the bucket's, its principals exist, and it does not open the bucket to everybody. */
export function checkBucketPolicy(world: World, bucket: Bucket, policy: PolicyDocument): PolicyDocument {
  const missing = missingRole(world, policy);
  if (missing !== undefined) throw malformed('Invalid principal in policy', missing);
  for (const statement of [policy.Statement].flat() as Statement[]) {
    for (const resource of [statement.Resource ?? []].flat()) {
      if (resource !== bucket.arn && !resource.startsWith(`${bucket.arn}/`)) throw malformed('Policy has invalid resource', resource);
    }
    const isPublic = statement.Effect === 'Allow' && principalsOf(statement).includes('*') && statement.Condition === undefined;
    if (isPublic && bucket.publicAccessBlock?.['BlockPublicPolicy']) {
      throw new AwsError('AccessDenied', 'User is not authorized to perform: s3:PutBucketPolicy because public policies are blocked by the '
        + 'BlockPublicPolicy block public access setting', 403);
    }
  }
  return policy;
}

export function parsePolicy(text: string): PolicyDocument {
  try {
    return JSON.parse(text) as PolicyDocument;
  } catch {
    throw new AwsError('MalformedPolicy', 'Policies must be valid JSON and the first byte must be \'{\'');
  }
}

function malformed(message: string, detail: string): AwsError {
  return new AwsError('MalformedPolicy', message, 400, { Detail: detail });
}
