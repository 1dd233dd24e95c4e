/** Output variable of the build: the image by digest, `repository@sha256:…`. */
export const IMAGE_URI_VARIABLE = 'IMAGE_URI';

/**
 * The one type of manifest that every part of SageMaker is known to take. Users report that OCI indexes (mlflow/mlflow#13834) and OCI image manifests
 * (aws/amazon-sagemaker-feedback#180) are refused; see `image-manifests` in docs/unproven.md.
 */
const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

/**
 * How a model project becomes an image in the repository at `REPOSITORY_URI`. The tag is the build's own id: unique, so that a stage run again never meets a tag
 * that cannot be moved.
 */
export function imageBuildSpec(testCommands: string[]): Record<string, unknown> {
  return {
    version: '0.2',
    env: {
      'shell': 'bash',
      // BuildKit attaches provenance by default, which makes an index of the image. Docker versions that attach none ignore the variable.
      'variables': { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
      'exported-variables': [IMAGE_URI_VARIABLE],
    },
    phases: {
      pre_build: {
        commands: [
          'test -f Dockerfile || { echo "the model project has no Dockerfile at its root; its image is built from one" >&2; exit 1; }',
          ...testCommands,
          'aws ecr get-login-password | docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"',
        ],
      },
      build: {
        commands: [
          'export TAG="$REPOSITORY_URI:${CODEBUILD_BUILD_ID##*:}"',
          // The failed command is what CodePipeline shows of a build, so it says itself what to do.
          // From version 0.31 on BuildKit writes OCI media types by default (moby/buildkit#6824); image stores that know Docker's only ignore the setting.
          'docker build --output type=image,oci-mediatypes=false --tag "$TAG" . || { echo "the image could not be built; the log of this build names the line of the Dockerfile to mend" >&2; exit 1; }',
          'docker push "$TAG"',
          'MEDIA_TYPE="$(aws ecr describe-images --repository-name "${REPOSITORY_URI#*/}" --image-ids imageTag="${TAG##*:}" --query "imageDetails[0].imageManifestMediaType" --output text)"',
          `test "$MEDIA_TYPE" = ${MANIFEST_TYPE} || { echo "the image was pushed as $MEDIA_TYPE, but SageMaker takes ${MANIFEST_TYPE} only; `
            + 'leave BUILDX_NO_DEFAULT_ATTESTATIONS=1 and the docker builder as they are in the project\'s test commands" >&2; exit 1; }',
          `export ${IMAGE_URI_VARIABLE}="$(docker inspect --format '{{index .RepoDigests 0}}' "$TAG")"`,
        ],
      },
    },
  };
}
