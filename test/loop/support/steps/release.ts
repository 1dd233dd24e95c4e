import { expectEqual } from '../expectations';
import type { Loop } from '../loop';

/** A person agrees, and the endpoint serves the package. Meanwhile `serving` keeps it busy. */
export async function approveAndRelease(loop: Loop, packageArn: string): Promise<void> {
  const since = loop.now;
  await loop.account.approve(packageArn);
  const { releasePipeline } = loop.names;
  await loop.expectSucceeded(releasePipeline, await loop.ended(releasePipeline, since, 240));
  const endpoint = await loop.account.endpoint();
  expectEqual('the endpoint is in service after the release', endpoint?.EndpointStatus, 'InService');
}
