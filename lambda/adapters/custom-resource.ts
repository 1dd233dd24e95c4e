import type { CustomResourceRequest } from '../../lib/serving/retire-endpoint.contract';

export interface Answer {
  readonly status: 'SUCCESS' | 'FAILED';
  /** Never changes for a resource: a new id would make CloudFormation delete the old one. */
  readonly physicalResourceId: string;
  /** For FAILED: what its reader can do. */
  readonly reason?: string;
}

/** Answers CloudFormation, which otherwise waits until its own time-out. */
export async function answer(request: CustomResourceRequest, result: Answer): Promise<void> {
  const response = await fetch(request.ResponseURL, {
    method: 'PUT',
    // A presigned URL is signed without a content type.
    headers: { 'content-type': '' },
    body: JSON.stringify({
      Status: result.status, Reason: result.reason ?? 'done', PhysicalResourceId: result.physicalResourceId,
      StackId: request.StackId, RequestId: request.RequestId, LogicalResourceId: request.LogicalResourceId,
    }),
  });
  if (!response.ok) throw new Error(`CloudFormation did not take the answer: HTTP ${response.status}`);
}
