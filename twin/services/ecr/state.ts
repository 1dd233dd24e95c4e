import type { PolicyDocument, Principal } from '../../service';
import { AwsError } from '../../service';
import type { World } from '../../world';
import type { ImageManifest } from '../../jobs/image';
import { parseIndex } from '../../jobs/image-index';

export interface StoredImage {
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType: string;
  readonly tags: Set<string>;
  readonly pushedAt: number;
  lastPulledAt?: number;
  scannedAt?: number;
}

export interface Repository {
  readonly name: string;
  /** The account it belongs to. */
  readonly registryId: string;
  readonly arn: string;
  readonly createdAt: number;
  mutability: 'MUTABLE' | 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION' | 'MUTABLE_WITH_EXCLUSION';
  exclusions: Array<{ filterType: string; filter: string }>;
  scanOnPush: boolean;
  encryption: { encryptionType: string; kmsKey?: string };
  policy?: PolicyDocument;
  lifecycle?: string;
  lifecycleEvaluatedAt?: number;
  tags: Record<string, string>;
  readonly images: Map<string, StoredImage>;
  readonly blobs: Map<string, Buffer>;
  readonly uploads: Map<string, Buffer[]>;
}

const TOKEN_LIFE = 12 * 3_600_000;
const DOWNLOAD_LIFE = 3_600_000;

/** Repositories of this account, and of others where a test has put them. */
export class EcrState {
  private readonly repositories = new Map<string, Repository>();
  private readonly tokens = new Map<string, { principal: Principal; expiresAt: number }>();
  private readonly downloads = new Map<string, { repository: Repository; digest: string; expiresAt: number }>();

  constructor(private readonly world: World) {}

  all(registryId = this.world.account): Repository[] {
    return [...this.repositories.values()].filter((repository) => repository.registryId === registryId);
  }

  add(name: string, registryId = this.world.account): Repository {
    const key = `${registryId}/${name}`;
    if (this.repositories.has(key)) {
      throw new AwsError('RepositoryAlreadyExistsException', `The repository with name '${name}' already exists in the registry with id '${registryId}'`);
    }
    const repository: Repository = {
      name, registryId, arn: this.world.arn('ecr', `repository/${name}`, undefined, registryId), createdAt: this.world.clock.now(),
      mutability: 'MUTABLE', exclusions: [], scanOnPush: false, encryption: { encryptionType: 'AES256' }, tags: {},
      images: new Map(), blobs: new Map(), uploads: new Map(),
    };
    this.repositories.set(key, repository);
    return repository;
  }

  remove(repository: Repository, force: boolean): void {
    if (repository.images.size > 0 && !force) {
      throw new AwsError('RepositoryNotEmptyException',
        `The repository with name '${repository.name}' in registry with id '${repository.registryId}' cannot be deleted because it still contains images`);
    }
    this.repositories.delete(`${repository.registryId}/${repository.name}`);
  }

  find(name: string, registryId = this.world.account): Repository | undefined {
    return this.repositories.get(`${registryId}/${name}`);
  }

  get(name: string, registryId = this.world.account): Repository {
    const found = this.find(name, registryId);
    if (found === undefined) {
      throw new AwsError('RepositoryNotFoundException', `The repository with name '${name}' does not exist in the registry with id '${registryId}'`);
    }
    return found;
  }

  /** A password for `docker login`: whoever has it acts as the principal for twelve hours. */
  issueToken(principal: Principal): { password: string; expiresAt: number } {
    const password = this.world.random.text(48, 'abcdefghijklmnopqrstuvwxyz0123456789');
    const expiresAt = this.world.clock.now() + TOKEN_LIFE;
    this.tokens.set(password, { principal, expiresAt });
    return { password, expiresAt };
  }

  /** The secret part of an address that leads to a layer for an hour. */
  issueDownload(repository: Repository, digest: string): string {
    const secret = this.world.random.text(48, 'abcdefghijklmnopqrstuvwxyz0123456789');
    this.downloads.set(secret, { repository, digest, expiresAt: this.world.clock.now() + DOWNLOAD_LIFE });
    return secret;
  }

  download(secret: string): Buffer | undefined {
    const issued = this.downloads.get(secret);
    return issued !== undefined && this.world.clock.now() < issued.expiresAt ? issued.repository.blobs.get(issued.digest) : undefined;
  }

  principalOfToken(password: string): Principal | undefined {
    const token = this.tokens.get(password);
    return token !== undefined && this.world.clock.now() < token.expiresAt ? token.principal : undefined;
  }
}

export function findImage(repository: Repository, id: { imageDigest?: string; imageTag?: string }): StoredImage | undefined {
  if (id.imageDigest !== undefined) {
    const image = repository.images.get(id.imageDigest);
    return id.imageTag === undefined || image?.tags.has(id.imageTag) ? image : undefined;
  }
  return [...repository.images.values()].find((image) => image.tags.has(id.imageTag ?? 'latest'));
}

/** An image that an index names stays as long as the index does. */
export function isReferenced(repository: Repository, image: StoredImage): boolean {
  return [...repository.images.values()].some(({ manifest }) => parseIndex(manifest)?.manifests.some(({ digest }) => digest === image.digest));
}

/** Of an index, that of its largest image. */
export function imageSize(repository: Repository, image: StoredImage): number {
  const index = parseIndex(image.manifest);
  if (index !== undefined) return Math.max(0, ...index.manifests.map(({ digest }) => imageSize(repository, repository.images.get(digest)!)));
  const manifest = JSON.parse(image.manifest) as Partial<ImageManifest>;
  return (manifest.layers ?? []).reduce((sum, layer) => sum + layer.size, 0);
}

/** An IMMUTABLE tag stays where it is; exclusion filters turn the rule round for the tags they match. */
export function isImmutable(repository: Repository, tag: string): boolean {
  const excluded = repository.exclusions.some(({ filter }) => new RegExp(`^${filter.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`).test(tag));
  return repository.mutability.startsWith('IMMUTABLE') !== (repository.mutability.endsWith('_WITH_EXCLUSION') && excluded);
}
