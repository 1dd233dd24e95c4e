import * as fs from 'node:fs';
import * as path from 'node:path';
import { AwsError } from '../service';
import type { Principal } from '../service';
import type { World } from '../world';
import type { LocalImage } from './container';
import { writeFolder } from './folder';
import type { Image, ImageManifest } from './image';
import { describe, DOCKER_MANIFEST, filesOf, imageOf, manifestOf } from './image';
import type { ImageIndex } from './image-index';
import { parseIndex } from './image-index';

/** `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG` or `…@sha256:…`, taken apart. */
export interface ImageReference {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const REFERENCE = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9._/-]+?)(?::([\w.-]{1,128}))?(?:@(sha256:[0-9a-f]{64}))?$/;

/** Undefined for an image outside ECR. */
export function parseReference(uri: string): ImageReference | undefined {
  const [, account, region, repository, tag, digest] = REFERENCE.exec(uri) ?? [];
  if (account === undefined || region === undefined || repository === undefined) return undefined;
  return { account, region, repository, ...(digest !== undefined ? { digest } : { tag: tag ?? 'latest' }), ...(tag !== undefined ? { tag } : {}) };
}

export function registryHost(world: World, account = world.account): string {
  return `${account}.dkr.ecr.${world.region}.amazonaws.com${world.partition === 'aws-cn' ? '.cn' : ''}`;
}

/** The calls that `docker push` makes of ECR. Layers that are there already are not sent again. */
export async function pushImage(world: World, image: Image, reference: ImageReference, caller: Principal): Promise<void> {
  const target = { registryId: reference.account, repositoryName: reference.repository };
  const call = (operation: string, input: object) => world.call({ service: 'ecr', operation, input: { ...target, ...input }, caller });
  const manifest = manifestOf(image);
  const blobs = [...manifest.layers.map(({ digest }, index) => ({ digest, bytes: image.layers[index]! })), { digest: manifest.config.digest, bytes: image.description }];
  const { layers } = await call('BatchCheckLayerAvailability', { layerDigests: blobs.map(({ digest }) => digest) });
  const there = new Set((layers as Array<{ layerDigest: string; layerAvailability: string }>)
    .filter((layer) => layer.layerAvailability === 'AVAILABLE').map((layer) => layer.layerDigest));
  for (const { digest, bytes } of blobs.filter((blob) => !there.has(blob.digest))) {
    const { uploadId } = await call('InitiateLayerUpload', {});
    await call('UploadLayerPart', { uploadId, partFirstByte: 0, partLastByte: bytes.length - 1, layerPartBlob: bytes });
    await call('CompleteLayerUpload', { uploadId, layerDigests: [digest] });
  }
  await call('PutImage', { imageManifest: image.manifest, imageManifestMediaType: manifest.mediaType, ...(reference.tag !== undefined ? { imageTag: reference.tag } : {}) });
}

/** What an index names goes first, without a tag, where it is not there already. */
export async function pushIndex(world: World, index: ImageIndex, reference: ImageReference, caller: Principal): Promise<void> {
  const target = { registryId: reference.account, repositoryName: reference.repository };
  const call = (operation: string, input: object) => world.call({ service: 'ecr', operation, input: { ...target, ...input }, caller });
  const { tag: imageTag, ...untagged } = reference;
  for (const member of index.members) {
    const { images } = await call('BatchGetImage', { imageIds: [{ imageDigest: member.digest }] });
    if (images.length === 0) await pushImage(world, member, untagged, caller);
  }
  await call('PutImage', { imageManifest: index.manifest, imageManifestMediaType: parseIndex(index.manifest)!.mediaType, ...(imageTag !== undefined ? { imageTag } : {}) });
}

/** What a registry lets the holder of a download address have. */
export interface LayerStore {
  blob(registryId: string, repositoryName: string, digest: string): Buffer;
}

export interface FetchOptions {
  /** Which image of an index is meant. @default 'amd64' */
  readonly architecture?: string;
  /** Throws if the caller cannot use a manifest of this type. */
  readonly accept?: (mediaType: string) => void;
}

/** The calls that a pull makes of ECR, as `caller`. */
export async function fetchImage(world: World, reference: ImageReference, caller: Principal, options: FetchOptions = {}): Promise<Image> {
  if (reference.region !== world.region) {
    throw new AwsError('RepositoryNotFoundException', `the image is in ${reference.region}; the twin holds images of ${world.region} only`);
  }
  const target = { registryId: reference.account, repositoryName: reference.repository };
  const call = (operation: string, input: object) => world.call({ service: 'ecr', operation, input, caller });
  await call('GetAuthorizationToken', {});
  const { images, failures } = await call('BatchGetImage', {
    ...target,
    imageIds: [reference.digest !== undefined ? { imageDigest: reference.digest } : { imageTag: reference.tag }],
  });
  const found = images?.[0];
  if (found === undefined) throw new AwsError('ImageNotFoundException', failures?.[0]?.failureReason ?? 'Requested image not found');
  options.accept?.(found.imageManifestMediaType);
  const index = parseIndex(found.imageManifest);
  if (index !== undefined) {
    const { architecture = 'amd64' } = options;
    const member = index.manifests.find(({ platform }) => platform?.architecture === architecture);
    if (member === undefined) throw new AwsError('ImageNotFoundException', `no matching manifest for linux/${architecture} in the manifest list entries`);
    return fetchImage(world, { account: reference.account, region: reference.region, repository: reference.repository, digest: member.digest }, caller, options);
  }
  const manifest = JSON.parse(found.imageManifest) as ImageManifest;
  const digests = [manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)];
  await call('BatchCheckLayerAvailability', { ...target, layerDigests: digests });
  const store = world.service('ecr') as unknown as LayerStore;
  const blobs: Buffer[] = [];
  for (const layerDigest of digests) {
    await call('GetDownloadUrlForLayer', { ...target, layerDigest });
    blobs.push(store.blob(reference.account, reference.repository, layerDigest));
  }
  return imageOf(found.imageManifest, blobs[0]!, blobs.slice(1));
}

/**
 * Why SageMaker does not take an image, in its own words; undefined if it does. Its documentation names no media types.
 * Users report that it refuses OCI indexes (mlflow/mlflow#13834) and OCI image manifests (aws/amazon-sagemaker-feedback#180).
 */
export function unsupportedManifest(uri: string, mediaType: string): string | undefined {
  return mediaType === DOCKER_MANIFEST ? undefined
    : `Unsupported manifest media type ${mediaType} for image ${uri}. Ensure that valid manifest media type is used for specified image.`;
}

/** Pulls an image as SageMaker does, and unpacks it once per content. */
export async function pullImage(world: World, uri: string, caller: Principal): Promise<LocalImage> {
  const reference = parseReference(uri);
  if (reference === undefined) throw new AwsError('ValidationException', `the twin pulls images from ECR only; ${uri} is none`);
  const accept = (mediaType: string) => {
    const problem = unsupportedManifest(uri, mediaType);
    if (problem !== undefined) throw new AwsError('ValidationException', problem);
  };
  return unpack(world, await fetchImage(world, reference, caller, { accept }));
}

export function unpack(world: World, image: Image): LocalImage {
  const rootfs = path.join(world.workDir, 'images', image.digest.slice('sha256:'.length));
  if (!fs.existsSync(rootfs)) {
    const part = `${rootfs}.part`;
    fs.rmSync(part, { recursive: true, force: true });
    writeFolder(part, filesOf(image));
    fs.renameSync(part, rootfs);
  }
  const { architecture, config } = describe(image);
  return { digest: image.digest, architecture, config, rootfs };
}
