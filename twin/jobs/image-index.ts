import type { Descriptor, Image } from './image';
import { describe, imageOf, manifestOf, OCI_INDEX, OCI_MANIFEST } from './image';
import { sha256 } from './folder';

/** Several manifests under one tag; one of them is the image, for one platform each. */
export interface ImageIndex {
  /** The index itself. */
  readonly manifest: string;
  readonly digest: string;
  /** What it names, the image first. */
  readonly members: readonly Image[];
}

export interface IndexManifest {
  readonly mediaType: string;
  readonly manifests: ReadonlyArray<Descriptor & { readonly platform?: { readonly architecture: string; readonly os: string } }>;
}

/**
 * An image with a note of how it was built, as BuildKit attaches it by default: an index of the image and of an attestation,
 * whose platform is unknown so that nobody runs it. https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export function attested(image: Image): ImageIndex {
  const attestation = provenanceOf(image);
  const { architecture, os } = describe(image);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      { ...descriptor(OCI_MANIFEST, image.manifest), platform: { architecture, os } },
      {
        ...descriptor(OCI_MANIFEST, attestation.manifest), platform: { architecture: 'unknown', os: 'unknown' },
        annotations: { 'vnd.docker.reference.digest': image.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
      },
    ],
  });
  return { manifest, digest: `sha256:${sha256(manifest)}`, members: [image, attestation] };
}

/** Undefined for the manifest of a single image. */
export function parseIndex(manifest: string): IndexManifest | undefined {
  const parsed = JSON.parse(manifest) as IndexManifest;
  return Array.isArray(parsed.manifests) ? parsed : undefined;
}

function provenanceOf(image: Image): Image {
  const predicateType = 'https://slsa.dev/provenance/v0.2';
  const statement = Buffer.from(JSON.stringify({
    _type: 'https://in-toto.io/Statement/v0.1', predicateType, subject: [{ name: '_', digest: { sha256: image.digest.slice('sha256:'.length) } }],
    predicate: { builder: { id: '' }, buildType: 'https://mobyproject.org/buildkit@v1' },
  }));
  const config = Buffer.from(JSON.stringify({
    architecture: 'unknown', os: 'unknown', config: {}, rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(statement)}`] },
  }));
  return imageOf(JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor(manifestOf(image).config.mediaType, config),
    layers: [{ ...descriptor('application/vnd.in-toto+json', statement), annotations: { 'in-toto.io/predicate-type': predicateType } }],
  }), config, [statement]);
}

function descriptor(mediaType: string, content: string | Buffer): Descriptor {
  return { mediaType, size: Buffer.byteLength(content), digest: `sha256:${sha256(content)}` };
}
