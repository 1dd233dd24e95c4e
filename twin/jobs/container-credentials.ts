import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Principal } from '../service';
import type { World } from '../world';

/** The SDKs refresh what has expired by the real clock, which is not the twin's. */
const EXPIRATION = '2999-01-01T00:00:00Z';

interface Endpoint { readonly server: Server; readonly principals: Map<string, Principal> }

const endpoints = new WeakMap<World, Promise<Endpoint>>();

/**
 * What a process inside finds in its environment to call AWS. As on AWS it is the address of an endpoint that hands the
 * credentials out, not the credentials: a container that prints its environment does not give them away.
 */
export async function containerCredentials(world: World, principal: Principal): Promise<Record<string, string>> {
  const { server, principals } = await world.clock.io('container credentials', endpointOf(world));
  const path = `/v2/credentials/${principals.size + 1}`;
  const known = [...principals].find(([, other]) => JSON.stringify(other) === JSON.stringify(principal))?.[0];
  if (known === undefined) principals.set(path, principal);
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${(server.address() as AddressInfo).port}${known ?? path}`,
    AWS_ENDPOINT_URL: world.endpoint,
    AWS_REGION: world.region,
    AWS_DEFAULT_REGION: world.region,
  };
}

function endpointOf(world: World): Promise<Endpoint> {
  let endpoint = endpoints.get(world);
  if (endpoint === undefined) {
    endpoint = listen(world);
    endpoints.set(world, endpoint);
  }
  return endpoint;
}

function listen(world: World): Promise<Endpoint> {
  const principals = new Map<string, Principal>();
  const server = createServer((request, response) => {
    const principal = principals.get(request.url ?? '');
    if (principal === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { accessKeyId, secretAccessKey, sessionToken } = world.credentialsFor(principal);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration: EXPIRATION }));
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.unref(); // it need not be closed: it keeps nothing alive
      resolve({ server, principals });
    });
  });
}
