import type { Image } from '../../jobs/image';
import { manifestOf } from '../../jobs/image';
import { registryHost } from '../../jobs/registry';
import type { Operation, PolicyDocument, Principal, ResourceProvider, Service } from '../../service';
import { AwsError } from '../../service';
import type { World } from '../../world';
import { imageOperations, removeImage } from './image-operations';
import { layerOperations } from './layer-operations';
import { expired } from './lifecycle';
import { repositoryOperations } from './repository-operations';
import { ecrResources } from './resources';
import { EcrState } from './state';

/** ECR says that policies take effect within a day. */
const LIFECYCLE_INTERVAL = 24 * 3_600_000;

export { LAYER_PATH } from './layer-operations';

/** Elastic Container Registry: repositories, images by content, tokens, lifecycle rules. */
export class EcrService implements Service {
  readonly name = 'ecr';
  readonly operations: Readonly<Record<string, Operation>>;
  readonly resources: Readonly<Record<string, ResourceProvider>>;
  private readonly state: EcrState;

  constructor(private readonly world: World) {
    this.state = new EcrState(world);
    this.operations = { ...repositoryOperations(this.state), ...imageOperations(this.state), ...layerOperations(this.state) };
    this.resources = ecrResources(this.state);
    this.scheduleLifecycle();
  }

  remaining(): string[] {
    return this.state.all().map((repository) => repository.arn);
  }

  /** Whoever was given the password by GetAuthorizationToken. */
  principalOfToken(password: string): Principal | undefined {
    return this.state.principalOfToken(password);
  }

  /** What an address of GetDownloadUrlForLayer leads to; undefined if it leads nowhere any more. */
  download(secret: string): Buffer | undefined {
    return this.state.download(secret);
  }

  /** A blob of a repository by its digest. */
  blob(registryId: string, repositoryName: string, digest: string): Buffer {
    const blob = this.state.get(repositoryName, registryId).blobs.get(digest);
    if (blob === undefined) throw new AwsError('LayersNotFoundException', `The layer with digest '${digest}' does not exist in the repository with name '${repositoryName}'`);
    return blob;
  }

  /** Puts an image into a registry as its owner would: for images of other accounts. Returns `…@sha256:…`. */
  seedImage(options: { registryId: string; repository: string; image: Image; tag?: string; policy?: PolicyDocument }): string {
    const { registryId, image } = options;
    const repository = this.state.find(options.repository, registryId) ?? this.state.add(options.repository, registryId);
    repository.policy = options.policy ?? repository.policy;
    const manifest = manifestOf(image);
    repository.blobs.set(manifest.config.digest, image.description);
    for (const [index, { digest }] of manifest.layers.entries()) repository.blobs.set(digest, image.layers[index]!);
    const stored = repository.images.get(image.digest)
      ?? { digest: image.digest, manifest: image.manifest, mediaType: manifest.mediaType, tags: new Set<string>(), pushedAt: this.world.clock.now() };
    if (options.tag !== undefined) stored.tags.add(options.tag);
    repository.images.set(image.digest, stored);
    return `${registryHost(this.world, registryId)}/${options.repository}@${image.digest}`;
  }

  private scheduleLifecycle(): void {
    this.world.clock.after(LIFECYCLE_INTERVAL, 'ECR lifecycle policies', () => {
      for (const repository of this.state.all().filter(({ lifecycle }) => lifecycle !== undefined)) {
        repository.lifecycleEvaluatedAt = this.world.clock.now();
        for (const image of expired(repository, this.world.clock.now())) removeImage(this.world, repository, image);
      }
      this.scheduleLifecycle();
    });
  }
}
