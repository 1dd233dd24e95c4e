import { servesAsPromised } from '../checks/serving';
import type { Loop } from '../loop';

/** A person agrees, and the endpoint serves the package. */
export async function approveAndRelease(loop: Loop, packageArn: string): Promise<void> {
  const since = loop.now;
  await loop.account.approve(packageArn);
  const { releasePipeline } = loop.names;
  await loop.expectSucceeded(releasePipeline, await loop.ended(releasePipeline, since, 240));
  await servesAsPromised(loop, packageArn);
}
