import { parseReference, pullImage, unsupportedManifest } from '../../jobs/registry';
import { LocalImage } from '../../jobs/container';
import { ArchiveFile, untar } from '../../jobs/archive';
import { AuthorizationRequest, AwsError, Principal } from '../../service';
import { World } from '../../world';

export interface ContainerSpec {
  readonly Image?: string;
  readonly ModelDataUrl?: string;
  readonly ModelDataSource?: { readonly S3DataSource?: { readonly S3Uri: string; readonly S3DataType: string; readonly CompressionType: string } };
  readonly Environment?: Readonly<Record<string, string>>;
  /** Of a product of the AWS Marketplace. */
  readonly ProductId?: string;
}

/** Images and model artifacts, as somebody sees them. */
export class Artifacts {
  constructor(private readonly world: World) {}

  /** Why the container's image or artifact cannot be used by `caller`, in SageMaker's words; undefined if they can. */
  async problemWith(container: ContainerSpec, caller: Principal): Promise<string | undefined> {
    return await this.imageProblem(container, caller) ?? this.dataProblem(container, caller);
  }

  /**
   * What whoever makes a package must be allowed to see of it. Published are the permissions of CloudFormation's create handler of
   * AWS::SageMaker::ModelPackage and of AmazonSageMakerModelRegistryFullAccess; which of them the service itself asks for is not, so the twin asks for all.
   */
  visibilityNeeds(container: ContainerSpec, caller: Principal): AuthorizationRequest[] {
    const needs = (service: string, operation: string, input: object) =>
      this.world.service(service).operations[operation]!.authorize(input, { world: this.world, service, operation, caller });
    const image = imageOf(container.Image ?? '');
    const data = artifactOf(container);
    return [
      ...(image ? [...needs('ecr', 'DescribeImages', image), ...needs('ecr', 'BatchGetImage', image)] : []),
      ...(data ? needs('s3', 'HeadObject', data) : []),
    ];
  }

  pullImage(container: ContainerSpec, caller: Principal): Promise<LocalImage> {
    return pullImage(this.world, container.Image!, caller);
  }

  /** The files of the artifact, none if the container has no artifact. */
  async modelFiles(container: ContainerSpec, caller: Principal): Promise<ArchiveFile[]> {
    const location = artifactOf(container);
    if (!location) return [];
    const { Body } = await this.world.call({ service: 's3', operation: 'GetObject', input: location, caller });
    return untar(Buffer.from(Body));
  }

  private async imageProblem({ Image }: ContainerSpec, caller: Principal): Promise<string | undefined> {
    if (Image === undefined) return 'a container needs an image';
    const input = imageOf(Image);
    if (!input) return `Using non-ECR image "${Image}" without Vpc repository access mode is not supported.`;
    try {
      const { images } = await this.world.call({ service: 'ecr', operation: 'BatchGetImage', input, caller });
      return images?.length ? unsupportedManifest(Image, images[0].imageManifestMediaType) : `Requested image ${Image} not found.`;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (!error.code.startsWith('AccessDenied')) return `Requested image ${Image} not found.`;
      return `The repository of your image ${Image} does not grant ecr:GetDownloadUrlForLayer, ecr:BatchGetImage, ecr:BatchCheckLayerAvailability permission to ${who(caller)}: ${error.message}`;
    }
  }

  private async dataProblem(container: ContainerSpec, caller: Principal): Promise<string | undefined> {
    const location = artifactOf(container);
    if (!location) return undefined;
    try {
      await this.world.call({ service: 's3', operation: 'HeadObject', input: location, caller });
      return undefined;
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const url = `s3://${location.Bucket}/${location.Key}`;
      if (error.httpStatus === 404) return `Could not find model data at ${url}.`;
      return `Could not access model data at ${url}. Please ensure that ${who(caller)} exists and that its trust relationship policy allows the action "sts:AssumeRole" ` +
        `for the service principal "sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is located in ${this.world.region}. (${error.message})`;
    }
  }
}

function artifactOf(container: ContainerSpec): { Bucket: string; Key: string } | undefined {
  const source = container.ModelDataSource?.S3DataSource;
  if (source && (source.S3DataType !== 'S3Object' || source.CompressionType !== 'Gzip')) {
    throw new AwsError('NotImplemented', `the twin does not implement a ModelDataSource of type ${source.S3DataType}, compression ${source.CompressionType}; use S3Object and Gzip`, 501);
  }
  const url = container.ModelDataUrl ?? source?.S3Uri;
  const match = url === undefined ? undefined : /^(?:s3:\/\/|https:\/\/s3\.[^/]+\/)([^/]+)\/(.+)$/.exec(url);
  if (url !== undefined && !match) throw new AwsError('ValidationException', `the model data ${url} is not an S3 address`);
  return match ? { Bucket: match[1]!, Key: match[2]! } : undefined;
}

/** As ECR's operations name it; undefined for an image outside ECR. */
function imageOf(uri: string): { registryId: string; repositoryName: string; imageIds: object[] } | undefined {
  const reference = parseReference(uri);
  return reference && {
    registryId: reference.account, repositoryName: reference.repository,
    imageIds: [reference.digest === undefined ? { imageTag: reference.tag } : { imageDigest: reference.digest }],
  };
}

function who(caller: Principal): string {
  return caller.kind === 'role' ? `the role "${caller.roleArn}"` : 'the caller';
}
