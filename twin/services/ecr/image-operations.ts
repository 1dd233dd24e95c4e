import { createHash } from 'node:crypto';
import { AwsError } from '../../service';
import type { Operation } from '../../service';
import type { World } from '../../world';
import type { ImageManifest } from '../../jobs/image';
import type { IndexManifest } from '../../jobs/image-index';
import { DOCKER_MANIFEST } from '../../jobs/image';
import { parseIndex } from '../../jobs/image-index';
import { onRepository } from './authorization';
import type { EcrState, Repository, StoredImage } from './state';
import { findImage, imageSize, isImmutable, isReferenced } from './state';

interface ImageId { imageDigest?: string; imageTag?: string }

const PAGE = 100;
const SCAN_MILLISECONDS = 60_000;

export function imageOperations(state: EcrState): Record<string, Operation> {
  const of = (input: { repositoryName: string; registryId?: string }) => state.get(input.repositoryName, input.registryId);
  const authorize = (action: string) => onRepository(state, action);
  return {
    PutImage: {
      authorize: authorize('PutImage'),
      run: (input, { world }) => {
        const repository = of(input);
        const { image, isNew } = put(world, repository, input);
        if (isNew && repository.scanOnPush && parseIndex(image.manifest) === undefined) scan(world, repository, image, input.imageTag);
        pushed(world, repository, image, input.imageTag);
        return { image: described(repository, image, input.imageTag) };
      },
    },
    BatchGetImage: {
      authorize: authorize('BatchGetImage'),
      run: (input, { world }) => {
        const repository = of(input);
        const found = (input.imageIds as ImageId[]).map((id) => ({ id, image: findImage(repository, id) }));
        for (const { image } of found) if (image !== undefined) image.lastPulledAt = world.clock.now();
        return {
          images: found.flatMap(({ id, image }) => (image === undefined ? [] : [described(repository, image, id.imageTag)])),
          failures: found.filter(({ image }) => image === undefined).map(({ id }) => notFound(id)),
        };
      },
    },
    DescribeImages: {
      authorize: authorize('DescribeImages'),
      run: (input) => {
        const repository = of(input);
        const ids = input.imageIds as ImageId[] | undefined;
        const missing = ids?.find((id) => findImage(repository, id) === undefined);
        if (missing !== undefined) {
          throw new AwsError('ImageNotFoundException', `The image with imageId {imageDigest:'${missing.imageDigest ?? 'null'}', imageTag:'${missing.imageTag ?? 'null'}'
          } does not exist within the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`.replace(/\n\s*/, ''));
        }
        const images = ids === undefined ? withStatus([...repository.images.values()], input.filter?.tagStatus) : ids.map((id) => findImage(repository, id)!);
        return page('imageDetails', images.map((image) => detail(repository, image)), input);
      },
    },
    ListImages: {
      authorize: authorize('ListImages'),
      run: (input) => {
        const images = withStatus([...of(input).images.values()], input.filter?.tagStatus);
        const ids = images.flatMap((image) => (image.tags.size === 0
          ? [{ imageDigest: image.digest }]
          : [...image.tags].map((imageTag) => ({ imageDigest: image.digest, imageTag }))));
        return ids.length === 0 ? {} : page('imageIds', ids, input);
      },
    },
    BatchDeleteImage: {
      authorize: authorize('BatchDeleteImage'),
      run: (input, { world }) => {
        const repository = of(input);
        const imageIds: ImageId[] = [];
        const failures: object[] = [];
        for (const id of input.imageIds as ImageId[]) {
          const image = findImage(repository, id);
          if (image === undefined) {
            failures.push(notFound(id));
            continue;
          }
          if (isReferenced(repository, image) && (id.imageTag === undefined || image.tags.size === 1)) {
            failures.push({ imageId: id, failureCode: 'ImageReferencedByManifestList', failureReason: 'Requested image referenced by manifest list' });
            continue;
          }
          imageIds.push(...removeImage(world, repository, image, id.imageDigest === undefined ? id.imageTag : undefined));
        }
        return { ...(imageIds.length > 0 && { imageIds }), failures };
      },
    },
    StartImageScan: {
      authorize: authorize('StartImageScan'),
      run: (input, { world }) => {
        const repository = of(input);
        const image = existing(repository, input.imageId);
        scan(world, repository, image, input.imageId.imageTag);
        return { registryId: repository.registryId, repositoryName: repository.name, imageId: input.imageId, imageScanStatus: { status: 'IN_PROGRESS' } };
      },
    },
    DescribeImageScanFindings: {
      authorize: authorize('DescribeImageScanFindings'),
      run: (input) => {
        const repository = of(input);
        const image = existing(repository, input.imageId);
        if (image.scannedAt === undefined) {
          throw new AwsError('ScanNotFoundException', `Image scan does not exist for the image with '{imageDigest:'${image.digest}'}' in the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`);
        }
        return {
          registryId: repository.registryId, repositoryName: repository.name, imageId: input.imageId, imageScanStatus: { status: 'COMPLETE' },
          imageScanFindings: { imageScanCompletedAt: new Date(image.scannedAt), findings: [], findingSeverityCounts: {} },
        };
      },
    },
  };
}

/** Takes an image, or one of its tags, out of its repository; returns what went. */
export function removeImage(world: World, repository: Repository, image: StoredImage, tag?: string, actor = 'DELETE'): ImageId[] {
  const gone: ImageId[] = tag !== undefined
    ? [{ imageDigest: image.digest, imageTag: tag }]
    : image.tags.size === 0 ? [{ imageDigest: image.digest }] : [...image.tags].map((imageTag) => ({ imageDigest: image.digest, imageTag }));
  if (tag !== undefined) image.tags.delete(tag);
  if (tag === undefined || image.tags.size === 0) repository.images.delete(image.digest);
  for (const id of gone) imageAction(world, repository, actor, id);
  return gone;
}

function put(world: World, repository: Repository, input: { imageManifest: string; imageManifestMediaType?: string; imageTag?: string; imageDigest?: string }) {
  const digest = `sha256:${createHash('sha256').update(input.imageManifest).digest('hex')}`;
  if (input.imageDigest !== undefined && input.imageDigest !== digest) {
    throw new AwsError('ImageDigestDoesNotMatchException', `The provided imageDigest '${input.imageDigest}' does not match the digest '${digest}' of the image`);
  }
  const { mediaType } = checkManifest(repository, input.imageManifest);
  const known = repository.images.get(digest);
  const tag = input.imageTag;
  if (known !== undefined && (tag === undefined || known.tags.has(tag))) {
    throw new AwsError('ImageAlreadyExistsException', `Image with digest '${digest}' and tag '${tag ?? 'null'}' already exists in the repository with name '${repository.name}' in registry with id '${repository.registryId}'`);
  }
  const holder = tag === undefined ? undefined : findImage(repository, { imageTag: tag });
  if (holder !== undefined && isImmutable(repository, tag!)) {
    throw new AwsError('ImageTagAlreadyExistsException', `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because the tag is immutable.`);
  }
  if (tag !== undefined) holder?.tags.delete(tag);
  const image: StoredImage = known ?? {
    digest, manifest: input.imageManifest, mediaType: input.imageManifestMediaType ?? mediaType ?? DOCKER_MANIFEST,
    tags: new Set(), pushedAt: world.clock.now(),
  };
  if (tag !== undefined) image.tags.add(tag);
  repository.images.set(digest, image);
  return { image, isNew: known === undefined };
}

/** What a manifest names must be there. */
function checkManifest(repository: Repository, text: string): ImageManifest | IndexManifest {
  const place = `repository with name '${repository.name}' in the registry with id '${repository.registryId}'`;
  const manifest = parse(text);
  if ('manifests' in manifest) {
    const missing = manifest.manifests.filter(({ digest }) => !repository.images.has(digest)).map(({ digest }) => digest);
    if (missing.length > 0) throw new AwsError('ReferencedImagesNotFoundException', `Images with digests '[${missing.join(', ')}]' required for pushing image into ${place} do not exist`);
    return manifest;
  }
  const missing = [manifest.config, ...manifest.layers].filter((layer) => !repository.blobs.has(layer.digest)).map((layer) => layer.digest);
  if (missing.length > 0) throw new AwsError('LayersNotFoundException', `Layers with digests '[${missing.join(', ')}]' required for pushing image into ${place} do not exist`);
  return manifest;
}

function parse(text: string): ImageManifest | IndexManifest {
  try {
    const manifest = JSON.parse(text) as Partial<ImageManifest & IndexManifest>;
    if (Array.isArray(manifest.manifests) || (manifest.config?.digest !== undefined && Array.isArray(manifest.layers))) return manifest as ImageManifest | IndexManifest;
  } catch { /* answered below */ }
  throw new AwsError('InvalidParameterException', 'Invalid parameter at \'ImageManifest\' failed to satisfy constraint: \'Invalid JSON syntax\'');
}

function scan(world: World, repository: Repository, image: StoredImage, tag: string | undefined): void {
  world.clock.after(SCAN_MILLISECONDS, `scan ${repository.name}`, () => {
    if (!repository.images.has(image.digest)) return;
    image.scannedAt = world.clock.now();
    world.publish({
      source: 'aws.ecr', 'detail-type': 'ECR Image Scan', resources: [repository.arn],
      detail: { 'scan-status': 'COMPLETE', 'repository-name': repository.name, 'finding-severity-counts': {}, 'image-digest': image.digest, 'image-tags': tag === undefined ? [] : [tag] },
    });
  });
}

function pushed(world: World, repository: Repository, image: StoredImage, tag: string | undefined): void {
  imageAction(world, repository, 'PUSH', { imageDigest: image.digest, imageTag: tag });
}

function imageAction(world: World, repository: Repository, action: string, id: ImageId): void {
  if (repository.registryId !== world.account) return; // the event is for the registry's owner
  world.publish({
    source: 'aws.ecr', 'detail-type': 'ECR Image Action', resources: [],
    detail: {
      result: 'SUCCESS', 'repository-name': repository.name, 'image-digest': id.imageDigest, 'action-type': action,
      ...(id.imageTag !== undefined ? { 'image-tag': id.imageTag } : {}),
    },
  });
}

function described(repository: Repository, image: StoredImage, imageTag?: string) {
  return {
    registryId: repository.registryId, repositoryName: repository.name, imageManifest: image.manifest, imageManifestMediaType: image.mediaType,
    imageId: { imageDigest: image.digest, ...(imageTag !== undefined ? { imageTag } : {}) },
  };
}

function detail(repository: Repository, image: StoredImage) {
  return {
    registryId: repository.registryId, repositoryName: repository.name, imageDigest: image.digest, imageManifestMediaType: image.mediaType,
    ...(image.tags.size > 0 ? { imageTags: [...image.tags] } : {}), imageSizeInBytes: imageSize(repository, image), imagePushedAt: new Date(image.pushedAt),
    ...(image.lastPulledAt !== undefined ? { lastRecordedPullTime: new Date(image.lastPulledAt) } : {}),
    ...(image.scannedAt !== undefined ? { imageScanStatus: { status: 'COMPLETE' }, imageScanFindingsSummary: { imageScanCompletedAt: new Date(image.scannedAt), findingSeverityCounts: {} } } : {}),
  };
}

function existing(repository: Repository, id: ImageId): StoredImage {
  const image = findImage(repository, id);
  if (image === undefined) throw new AwsError('ImageNotFoundException', `The image with imageId ${JSON.stringify(id)} does not exist within the repository with name '${repository.name}' in the registry with id '${repository.registryId}'`);
  return image;
}

function notFound(imageId: ImageId) {
  return { imageId, failureCode: 'ImageNotFound', failureReason: 'Requested image not found' };
}

function withStatus(images: readonly StoredImage[], status: string | undefined): StoredImage[] {
  return images.filter((image) => status === undefined || status === 'ANY' || (status === 'TAGGED') === (image.tags.size > 0));
}

export function page(name: string, items: readonly unknown[], input: { nextToken?: string; maxResults?: number }): object {
  const start = Number(input.nextToken ?? 0);
  const end = start + (input.maxResults ?? PAGE);
  return { [name]: items.slice(start, end), ...(end < items.length ? { nextToken: String(end) } : {}) };
}
