import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ArchiveFile } from '../../../jobs/archive';
import type { LocalImage } from '../../../jobs/container';
import { ModelServer } from '../../../jobs/model-server';
import type { ContainerRequest, ContainerResponse } from '../../../jobs/model-server';
import { writeFolder } from '../../../jobs/folder';
import { World } from '../../../world';
import { Architecture, architectureOf } from '../architecture';
import { Artifacts } from '../artifacts';
import { executionRole } from '../jobs/execution-role';
import { Model } from './state';

/** A container that answers, shared by every fleet that serves the same model on the same processors. */
export interface ServerLease {
  invoke(request: ContainerRequest): Promise<ContainerResponse>;
  release(): Promise<void>;
}

/** Where models run. */
export interface ModelServers {
  /** What every new instance does first: it fetches image and artifact, by what the model's role may do now. Rejects with AwsError. */
  provision(model: Model): Promise<Provision>;
  /** For a fleet's first instances. Rejects with CannotStartError if the container does not become healthy, with AwsError if image or artifact cannot be had. */
  acquire(model: Model, instanceType: string, onLine: (line: string) => void): Promise<ServerLease>;
  stop(): Promise<void>;
}

/** An image and an artifact on an instance's disk. */
export interface Provision {
  readonly image: LocalImage;
  readonly files: readonly ArchiveFile[];
}

interface Entry {
  readonly model: Model;
  readonly architecture: Architecture;
  users: number;
  server: Promise<ModelServer>;
}

/** One process for each model that is being served; instances are counted, processes are shared. */
export class ServerPool implements ModelServers {
  private readonly entries = new Set<Entry>();
  private started = 0;

  constructor(private readonly world: World, private readonly artifacts: Artifacts) {}

  async acquire(model: Model, instanceType: string, onLine: (line: string) => void): Promise<ServerLease> {
    const architecture = architectureOf(instanceType);
    const provision = await this.provision(model);
    const start = () => this.start(model, provision, architecture, onLine);
    const shared = [...this.entries].find((entry) => entry.model === model && entry.architecture === architecture)
      ?? { model, architecture, users: 0, server: start() };
    this.entries.add(shared);
    shared.users++;
    try {
      await shared.server;
    } catch (error) {
      await this.release(shared);
      throw error;
    }
    let released = false;
    return {
      invoke: async (request) => {
        // SageMaker starts a container again that has ended.
        if (!(await shared.server).running) shared.server = start();
        return (await shared.server).invoke(request);
      },
      release: async () => {
        if (!released) await this.release(shared);
        released = true;
      },
    };
  }

  async provision(model: Model): Promise<Provision> {
    const role = executionRole(model.roleArn);
    return { image: await this.artifacts.pullImage(model.container, role), files: await this.artifacts.modelFiles(model.container, role) };
  }

  async stop(): Promise<void> {
    const entries = [...this.entries];
    this.entries.clear();
    await Promise.allSettled(entries.map(async ({ server }) => (await server).stop()));
  }

  private async release(entry: Entry): Promise<void> {
    if (--entry.users > 0) return;
    this.entries.delete(entry);
    await entry.server.then((server) => server.stop(), () => undefined);
  }

  private async start(model: Model, { image, files }: Provision, architecture: Architecture, onLine: (line: string) => void): Promise<ModelServer> {
    const role = executionRole(model.roleArn);
    const mlRoot = path.join(this.world.workDir, 'endpoints', `${model.name}-${++this.started}`, 'ml');
    fs.mkdirSync(mlRoot, { recursive: true });
    writeFolder(path.join(mlRoot, 'model'), files);
    return ModelServer.start(this.world, {
      label: `model ${model.name}`,
      image,
      architecture,
      environment: model.container.Environment ?? {},
      mlRoot,
      ...(!model.settings.EnableNetworkIsolation && { principal: role }),
      onLine,
    });
  }
}
