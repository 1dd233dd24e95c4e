import { Service } from '../../service';
import { World } from '../../world';
import { Artifacts } from './artifacts';
import { HostingConditions } from './hosting/conditions';
import { ContainerLogs } from './hosting/container-logs';
import { endpointConfigOperations } from './hosting/endpoint-configs';
import { Endpoints, ScalableTargets } from './hosting/endpoints';
import { endpointOperations } from './hosting/endpoints-api';
import { Fleet } from './hosting/fleet';
import { invokeOperation } from './hosting/invoke';
import { modelOperations } from './hosting/models';
import { ModelServers, ServerPool } from './hosting/server-pool';
import { HostingState } from './hosting/state';
import { Jobs } from './jobs';
import { groupOperations } from './registry/groups';
import { packageOperations } from './registry/packages';
import { RegistryState } from './registry/state';
import { sageMakerResources } from './resources';
import { tagOperations, TagStore } from './tags';
import { USE_VOLUME_KEY } from './volume-key';

/** Amazon SageMaker: jobs, model registry, hosting, invocation. */
export class SageMakerService implements Service {
  readonly name = 'sagemaker';
  readonly registry: RegistryState;
  readonly hosting: HostingState;
  readonly endpoints: Endpoints;
  readonly jobs: Jobs;
  /** Shortages, delays and rollbacks to try an application with. */
  readonly conditions = new HostingConditions();
  readonly operations: Service['operations'];
  readonly resources: Service['resources'];
  private readonly servers: ModelServers;

  /** `servers` replaces the processes that models run in. */
  constructor(world: World, servers?: ModelServers) {
    const tags = new TagStore();
    const artifacts = new Artifacts(world);
    const logs = new ContainerLogs(world);
    this.registry = new RegistryState(world);
    this.hosting = new HostingState(world);
    this.servers = servers ?? new ServerPool(world, artifacts);
    this.endpoints = new Endpoints(world, this.hosting, tags, {
      world, servers: this.servers, conditions: this.conditions, tagsOf: ({ arn }) => tags.asObject(arn), onLine: (endpoint, fleet, variant, line) => logs.add(endpoint.name, fleet, variant, line),
    }, () => scalableTargets(world));
    this.jobs = new Jobs(world, tags, this.hosting, this.servers);
    this.operations = {
      ...this.jobs.operations,
      ...groupOperations(world, this.registry, tags),
      ...packageOperations(world, this.registry, tags, artifacts),
      ...modelOperations(world, this.hosting, this.registry, tags, artifacts),
      ...endpointConfigOperations(world, this.hosting, tags),
      ...endpointOperations(this.hosting, this.endpoints),
      InvokeEndpoint: invokeOperation(world, this.hosting, this.conditions),
      ...tagOperations(tags),
      UseVolumeKey: USE_VOLUME_KEY,
    };
    this.resources = sageMakerResources(world, this.registry, this.hosting, this.endpoints, tags, artifacts);
  }

  /** Every fleet an endpoint has had, oldest first, with its requests and errors; also of an endpoint that is being deleted. */
  fleetsOf(endpointName: string): readonly Fleet[] {
    return this.hosting.endpoints.find(endpointName)?.fleets ?? [];
  }

  remaining(): string[] {
    const held = [
      ...this.hosting.endpoints.all(), ...this.hosting.configs.all(), ...this.hosting.models.all(),
      ...this.registry.packages.values(), ...this.registry.groups.values(),
    ].map(({ arn }) => arn);
    return [...held, ...this.jobs.remaining()];
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }
}

/** Without Application Auto Scaling in the world nothing is registered with it. */
function scalableTargets(world: World): ScalableTargets | undefined {
  return world.service<Service & { targets: ScalableTargets }>('application-autoscaling').targets;
}
