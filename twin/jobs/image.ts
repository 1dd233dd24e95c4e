import { gunzipSync, gzipSync } from 'node:zlib';
import type { ArchiveFile } from './archive';
import { tar, untar } from './archive';
import { sha256 } from './folder';

/** How a container of the image starts; the field names are the image specification's. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env: readonly string[];
  readonly WorkingDir: string;
  readonly User?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
}

export interface ImageDescription {
  readonly architecture: string;
  readonly os: 'linux';
  readonly config: ImageConfig;
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
  /** One line per instruction; `comment` says so where the twin recorded one without running it. */
  readonly history: ReadonlyArray<{ readonly created_by: string; readonly comment?: string; readonly empty_layer?: boolean }>;
}

export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface Descriptor {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
}

/** Media types of an image's parts, in Docker's own words and in those of the Open Container Initiative. */
const MEDIA_TYPES = {
  docker: {
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
  oci: {
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
} as const;
export type ImageFormat = keyof typeof MEDIA_TYPES;

export const DOCKER_MANIFEST = MEDIA_TYPES.docker.manifest;
export const OCI_MANIFEST = MEDIA_TYPES.oci.manifest;
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/**
 * An image as a registry holds it: manifest, description and layers, addressed by content. The layers hold what the
 * Dockerfile copies, not what its base image brings: that part the machine itself stands for.
 */
export interface Image {
  readonly manifest: string;
  /** SHA-256 of the manifest, `sha256:…`: what a registry calls the image's digest. */
  readonly digest: string;
  readonly description: Buffer;
  readonly layers: readonly Buffer[];
}

export function makeImage(files: readonly ArchiveFile[], description: Omit<ImageDescription, 'rootfs' | 'os'>, format: ImageFormat = 'docker'): Image {
  const types = MEDIA_TYPES[format];
  const archive = tar(files);
  const layer = gzipSync(archive);
  const text = Buffer.from(JSON.stringify({ ...description, os: 'linux', rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(archive)}`] } }));
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, size: text.length, digest: `sha256:${sha256(text)}` },
    layers: [{ mediaType: types.layer, size: layer.length, digest: `sha256:${sha256(layer)}` }],
  };
  return imageOf(JSON.stringify(manifest), text, [layer]);
}

export function imageOf(manifest: string, description: Buffer, layers: readonly Buffer[]): Image {
  return { manifest, digest: `sha256:${sha256(manifest)}`, description, layers };
}

export function manifestOf(image: Pick<Image, 'manifest'>): ImageManifest {
  return JSON.parse(image.manifest) as ImageManifest;
}

export function describe(image: Pick<Image, 'description'>): ImageDescription {
  return JSON.parse(image.description.toString('utf8')) as ImageDescription;
}

/** The image's files, later layers over earlier ones. */
export function filesOf(image: Image): ArchiveFile[] {
  const files = new Map<string, ArchiveFile>();
  for (const layer of image.layers) for (const file of untar(gunzipSync(layer))) files.set(file.path, file);
  return [...files.values()];
}

/** The id by which `docker images` knows it: the digest of its description. */
export function imageId(image: Image): string {
  return `sha256:${sha256(image.description)}`;
}
