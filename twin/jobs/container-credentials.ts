import type { Principal } from '../service';
import type { World } from '../world';

/** What a process inside finds in its environment to call AWS: on AWS the container's metadata service serves the same. */
export function containerCredentials(world: World, principal: Principal): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = world.credentialsFor(principal);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_ENDPOINT_URL: world.endpoint,
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
  };
}
