import { patiently } from '../patiently';
import { ActionFailure, type ActionProvider } from './provider';

/** Takes no image, only its name: the digest behind a tag, as `imageDetail.json`. */
export const ecrSource: ActionProvider = {
  category: 'Source', owner: 'AWS', provider: 'ECR', version: '1',
  required: ['RepositoryName'], optional: ['ImageTag'],
  inputs: [0, 0], outputs: [1, 1], timeoutMinutes: 60,

  async run({ world, caller, configuration, outputs, artifacts, revisions }) {
    const { RepositoryName: repositoryName, ImageTag: imageTag = 'latest' } = configuration;
    const imageDigest = revisions.find(({ revisionType }) => revisionType === 'IMAGE_DIGEST')?.revisionValue;
    const { imageDetails } = await patiently(world, {
      service: 'ecr', operation: 'DescribeImages', caller, input: { repositoryName, imageIds: [imageDigest === undefined ? { imageTag } : { imageDigest }] },
    });
    const [image] = imageDetails ?? [];
    if (image === undefined) throw new ActionFailure('ConfigurationError', `there is no image ${imageDigest ?? imageTag} in the repository ${repositoryName}`);
    const uri = `${image.registryId}.dkr.ecr.${world.region}.amazonaws.com/${repositoryName}@${image.imageDigest}`;
    const detail = {
      ImageSizeInBytes: String(image.imageSizeInBytes), ImageDigest: image.imageDigest, Version: '1.0', ImagePushedAt: image.imagePushedAt,
      RegistryId: image.registryId, RepositoryName: repositoryName, ImageURI: uri, ImageTags: image.imageTags ?? [],
    };
    await artifacts.writeFiles(outputs[0]!, { 'imageDetail.json': Buffer.from(JSON.stringify(detail)) }, caller);
    outputs[0]!.revision = { id: image.imageDigest, created: image.imagePushedAt };
    return {
      outputVariables: { RegistryId: image.registryId, RepositoryName: repositoryName!, ImageTag: imageTag, ImageDigest: image.imageDigest, ImageURI: uri },
      externalExecutionId: image.imageDigest,
    };
  },
};
