import { createHash } from 'node:crypto';
import { AwsError } from '../../service';
import type { Operation } from '../../service';
import { registryHost } from '../../jobs/registry';
import { onRepository } from './authorization';
import type { EcrState } from './state';

/** Addresses below it lead to a layer without a signature: whoever was given one may download it. */
export const LAYER_PATH = '/ecr-layers/';

const PART_SIZE = 10 * 1024 * 1024;

/** What `docker login`, `docker push` and `docker pull` are made of. */
export function layerOperations(state: EcrState): Record<string, Operation> {
  const of = (input: { repositoryName: string; registryId?: string }) => state.get(input.repositoryName, input.registryId);
  const authorize = (action: string) => onRepository(state, action);
  return {
    GetAuthorizationToken: {
      authorize: () => [{ action: 'ecr:GetAuthorizationToken', resource: '*' }],
      run: (_input, { world, caller }) => {
        const { password, expiresAt } = state.issueToken(caller);
        return {
          authorizationData: [{
            authorizationToken: Buffer.from(`AWS:${password}`).toString('base64'),
            expiresAt: new Date(expiresAt),
            proxyEndpoint: `https://${registryHost(world)}`,
          }],
        };
      },
    },
    BatchCheckLayerAvailability: {
      authorize: authorize('BatchCheckLayerAvailability'),
      run: (input) => {
        const { blobs } = of(input);
        return {
          layers: (input.layerDigests as string[]).map((layerDigest) => {
            const blob = blobs.get(layerDigest);
            return { layerDigest, layerAvailability: blob === undefined ? 'UNAVAILABLE' : 'AVAILABLE', ...(blob !== undefined ? { layerSize: blob.length } : {}) };
          }),
          failures: [],
        };
      },
    },
    InitiateLayerUpload: {
      authorize: authorize('InitiateLayerUpload'),
      run: (input, { world }) => {
        const uploadId = world.random.uuid();
        of(input).uploads.set(uploadId, []);
        return { uploadId, partSize: PART_SIZE };
      },
    },
    UploadLayerPart: {
      authorize: authorize('UploadLayerPart'),
      run: (input) => {
        const { parts, repository } = upload(state, input);
        const received = parts.reduce((sum, part) => sum + part.length, 0);
        const blob = Buffer.from(input.layerPartBlob);
        if (input.partFirstByte !== received || input.partLastByte !== received + blob.length - 1) {
          throw new AwsError('InvalidLayerPartException', `The part with bytes ${input.partFirstByte}-${input.partLastByte} does not follow the ${received} bytes received`);
        }
        parts.push(blob);
        return { registryId: repository.registryId, repositoryName: repository.name, uploadId: input.uploadId, lastByteReceived: input.partLastByte };
      },
    },
    CompleteLayerUpload: {
      authorize: authorize('CompleteLayerUpload'),
      run: (input) => {
        const { parts, repository } = upload(state, input);
        const blob = Buffer.concat(parts);
        if (blob.length === 0) throw new AwsError('EmptyUploadException', 'The specified layer upload does not contain any layer parts');
        const layerDigest = `sha256:${createHash('sha256').update(blob).digest('hex')}`;
        if (!(input.layerDigests as string[]).includes(layerDigest)) throw new AwsError('InvalidLayerException', 'The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not match the digest specified');
        if (repository.blobs.has(layerDigest)) throw new AwsError('LayerAlreadyExistsException', `Layer with digest '${layerDigest}' already exists in the repository with name '${repository.name}' in registry with id '${repository.registryId}'`);
        repository.blobs.set(layerDigest, blob);
        repository.uploads.delete(input.uploadId);
        return { registryId: repository.registryId, repositoryName: repository.name, uploadId: input.uploadId, layerDigest };
      },
    },
    GetDownloadUrlForLayer: {
      authorize: authorize('GetDownloadUrlForLayer'),
      run: (input, { world }) => {
        const repository = of(input);
        if (!repository.blobs.has(input.layerDigest)) throw new AwsError('LayersNotFoundException', `The layer with digest '${input.layerDigest}' does not exist in the repository with name '${repository.name}' in registry with id '${repository.registryId}'`);
        return { downloadUrl: `${world.endpoint}${LAYER_PATH}${state.issueDownload(repository, input.layerDigest)}`, layerDigest: input.layerDigest };
      },
    },
  };
}

function upload(state: EcrState, input: { repositoryName: string; registryId?: string; uploadId: string }) {
  const repository = state.get(input.repositoryName, input.registryId);
  const parts = repository.uploads.get(input.uploadId);
  if (parts === undefined) throw new AwsError('UploadNotFoundException', `The upload with id '${input.uploadId}' does not exist in the repository with name '${repository.name}'`);
  return { parts, repository };
}
