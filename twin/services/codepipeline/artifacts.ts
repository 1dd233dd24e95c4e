import { unzipSync, zipSync } from 'fflate';
import type { Principal } from '../../service';
import type { World } from '../../world';
import { ActionFailure } from './actions/provider';
import type { PipelineDeclaration } from './declaration';
import { patiently } from './patiently';
import type { Artifact } from './state';

/** Artifacts in the pipeline's bucket; always read and written as somebody's role. */
export class ArtifactStore {
  constructor(private readonly world: World) {}

  /** A place for a new artifact, named as CodePipeline names it. */
  place(pipeline: PipelineDeclaration, name: string, region: string): Artifact {
    const store = pipeline.artifactStores?.[region] ?? pipeline.artifactStore!;
    return {
      name, bucket: store.location,
      key: `${pipeline.name.slice(0, 20)}/${name.slice(0, 10)}/${this.world.random.text(7, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')}`,
      encryptionKeyId: store.encryptionKey?.id,
    };
  }

  /** `tagging` is the text of the header `x-amz-tagging`. */
  async write(artifact: Artifact, body: Uint8Array, caller: Principal, tagging?: string): Promise<void> {
    await patiently(this.world, {
      service: 's3', operation: 'PutObject', caller,
      input: {
        Bucket: artifact.bucket, Key: artifact.key, Body: body, ...(tagging === undefined ? {} : { Tagging: tagging }),
        ...(artifact.encryptionKeyId === undefined ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: artifact.encryptionKeyId }),
      },
    });
  }

  async writeFiles(artifact: Artifact, files: Readonly<Record<string, Uint8Array>>, caller: Principal): Promise<void> {
    // A fixed date: the same files make the same artifact.
    await this.write(artifact, zipSync({ ...files }, { mtime: new Date('1980-01-01T00:00:00Z') }), caller);
  }

  async read(artifact: Artifact, caller: Principal): Promise<Uint8Array> {
    const { Body } = await patiently(this.world, { service: 's3', operation: 'GetObject', input: { Bucket: artifact.bucket, Key: artifact.key }, caller });
    return new Uint8Array(Body as Uint8Array);
  }

  async readFile(artifact: Artifact, path: string, caller: Principal): Promise<string> {
    const body = await this.read(artifact, caller);
    let files: Record<string, Uint8Array>;
    try {
      files = unzipSync(body, { filter: ({ name }) => name === path });
    } catch {
      throw new ActionFailure('InvalidArtifact', `artifact ${artifact.name} is not a zip file, so ${path} cannot be read from it`);
    }
    const file = files[path];
    if (file === undefined) throw new ActionFailure('InvalidArtifact', `artifact ${artifact.name} has no file ${path}`);
    return Buffer.from(file).toString('utf8');
  }
}
