import type { CustomResourceRequest } from '../../lib/serving/retire-endpoint.contract';

export interface Answer {
  readonly status: 'SUCCESS' | 'FAILED';
  /** Never changes for a resource: a new id would make CloudFormation delete the old one. */
  readonly physicalResourceId: string;
  /** For FAILED: what its reader can do. */
  readonly reason?: string;
}

/** CloudFormation takes answers of up to 4,096 bytes; an answer it refuses is no answer. */
const LONGEST_REASON = 1024;

/** Answers CloudFormation, which otherwise waits until its own time-out. */
export async function answer(request: CustomResourceRequest, result: Answer): Promise<void> {
  const response = await fetch(request.ResponseURL, {
    method: 'PUT',
    // A presigned URL is signed without a content type.
    headers: { 'content-type': '' },
    body: JSON.stringify({
      Status: result.status, Reason: (result.reason ?? 'done').slice(0, LONGEST_REASON), PhysicalResourceId: result.physicalResourceId,
      StackId: request.StackId, RequestId: request.RequestId, LogicalResourceId: request.LogicalResourceId,
    }),
  });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: HTTP ${response.status}`);
}
