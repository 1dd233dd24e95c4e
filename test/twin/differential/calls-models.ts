import { of, type Call } from './calls';

const sm = of('sagemaker');
const arn = (resource: string) => `arn:aws:sagemaker:us-east-1:123456789012:${resource}`;

/** Made before on the twin, which looks them up; moto takes any. */
export interface ModelParts {
  readonly image: string;
  readonly modelDataUrl: string;
  readonly roleArn: string;
}

export function modelCalls({ image: Image, modelDataUrl: ModelDataUrl, roleArn: ExecutionRoleArn }: ModelParts): readonly Call[] {
  const InferenceSpecification = { Containers: [{ Image, ModelDataUrl }], SupportedContentTypes: ['text/csv'], SupportedResponseMIMETypes: ['text/csv'] };
  const model = (ModelName: string) => ({ ModelName, ExecutionRoleArn, PrimaryContainer: { Image, ModelDataUrl } });
  const config = (EndpointConfigName: string, ModelName = 'flights') => ({
    EndpointConfigName, ProductionVariants: [{ VariantName: 'main', ModelName, InitialInstanceCount: 1, InstanceType: 'ml.m5.large', InitialVariantWeight: 1 }],
  });
  return [
    sm('DescribeModelPackageGroup', { ModelPackageGroupName: 'flights' }),
    sm('CreateModelPackageGroup', { ModelPackageGroupName: 'flights', ModelPackageGroupDescription: 'x' }, { same: ['ModelPackageGroupArn'] }),
    sm('CreateModelPackageGroup', { ModelPackageGroupName: 'flights' }),
    sm('CreateModelPackageGroup', { ModelPackageGroupName: 'not a name' }),
    sm('CreateModelPackageGroup', {}),
    sm('DescribeModelPackageGroup', { ModelPackageGroupName: 'flights' }, { same: ['ModelPackageGroupName', 'ModelPackageGroupArn', 'ModelPackageGroupDescription', 'ModelPackageGroupStatus'] }),
    sm('ListModelPackageGroups', { NameContains: 'fli' }, { same: ['ModelPackageGroupSummaryList.0.ModelPackageGroupName'] }),
    sm('ListModelPackageGroups', { NameContains: 'none' }, { same: ['ModelPackageGroupSummaryList'] }),
    sm('ListModelPackages', { ModelPackageGroupName: 'flights' }, { same: ['ModelPackageSummaryList'] }),
    sm('CreateModelPackage', { ModelPackageGroupName: 'none', InferenceSpecification, ModelApprovalStatus: 'PendingManualApproval' }),
    sm('CreateModelPackage', { ModelPackageGroupName: 'flights', InferenceSpecification, ModelApprovalStatus: 'PendingManualApproval' }, { same: ['ModelPackageArn'] }),
    sm('CreateModelPackage', { ModelPackageGroupName: 'flights', InferenceSpecification, ModelApprovalStatus: 'Perhaps' }),
    sm('CreateModelPackage', { ModelPackageGroupName: 'flights', InferenceSpecification, ModelApprovalStatus: 'Approved', CustomerMetadataProperties: { run: 'r' } }, { same: ['ModelPackageArn'] }),
    sm('DescribeModelPackage', { ModelPackageName: arn('model-package/flights/1') }, {
      same: ['ModelPackageGroupName', 'ModelPackageVersion', 'ModelPackageArn', 'ModelApprovalStatus', 'InferenceSpecification.Containers.0.Image', 'InferenceSpecification.SupportedContentTypes'],
    }),
    sm('DescribeModelPackage', { ModelPackageName: arn('model-package/flights/2') }, { same: ['ModelPackageVersion', 'ModelApprovalStatus', 'CustomerMetadataProperties'] }),
    sm('DescribeModelPackage', { ModelPackageName: arn('model-package/flights/9') }),
    sm('UpdateModelPackage', { ModelPackageArn: arn('model-package/flights/1'), ModelApprovalStatus: 'Rejected', ApprovalDescription: 'no' }, { same: ['ModelPackageArn'] }),
    sm('UpdateModelPackage', { ModelPackageArn: arn('model-package/flights/9'), ModelApprovalStatus: 'Rejected' }),
    sm('DescribeModelPackage', { ModelPackageName: arn('model-package/flights/1') }, { same: ['ModelApprovalStatus', 'ApprovalDescription'] }),
    sm('ListModelPackages', { ModelPackageGroupName: 'flights', ModelApprovalStatus: 'Approved' }, { same: ['ModelPackageSummaryList.0.ModelPackageArn', 'ModelPackageSummaryList.1'] }),
    sm('ListModelPackages', { ModelPackageGroupName: 'flights' }, { same: ['ModelPackageSummaryList.0.ModelPackageVersion', 'ModelPackageSummaryList.1.ModelPackageVersion'] }),
    sm('ListModelPackages', { ModelPackageGroupName: 'none' }),

    sm('DescribeModel', { ModelName: 'flights' }),
    sm('DeleteModel', { ModelName: 'flights' }),
    sm('CreateModel', model('flights'), { same: ['ModelArn'] }),
    sm('CreateModel', model('flights')),
    sm('CreateModel', model('not a name')),
    sm('DescribeModel', { ModelName: 'flights' }, { same: ['ModelName', 'ModelArn', 'ExecutionRoleArn', 'PrimaryContainer.Image', 'PrimaryContainer.ModelDataUrl'] }),
    sm('ListModels', { NameContains: 'fli' }, { same: ['Models.0.ModelName'] }),
    sm('AddTags', { ResourceArn: arn('model/flights'), Tags: [{ Key: 'a', Value: 'b' }] }, { same: ['Tags'] }),
    sm('ListTags', { ResourceArn: arn('model/flights') }, { same: ['Tags'] }),
    sm('DeleteTags', { ResourceArn: arn('model/flights'), TagKeys: ['a'] }),
    sm('ListTags', { ResourceArn: arn('model/flights') }, { same: ['Tags'] }),

    sm('DescribeEndpointConfig', { EndpointConfigName: 'one' }),
    sm('CreateEndpointConfig', config('none', 'no-model')),
    sm('CreateEndpointConfig', config('one'), { same: ['EndpointConfigArn'] }),
    sm('CreateEndpointConfig', config('one')),
    sm('CreateEndpointConfig', { EndpointConfigName: 'two', ProductionVariants: [] }),
    sm('DescribeEndpointConfig', { EndpointConfigName: 'one' }, {
      same: ['EndpointConfigName', 'EndpointConfigArn', 'ProductionVariants.0.ModelName', 'ProductionVariants.0.InstanceType', 'ProductionVariants.0.InitialInstanceCount'],
    }),
    sm('ListEndpointConfigs', { NameContains: 'on' }, { same: ['EndpointConfigs.0.EndpointConfigName'] }),
    sm('DescribeEndpoint', { EndpointName: 'flights' }),
    sm('DeleteEndpoint', { EndpointName: 'flights' }),
    sm('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' }),
    sm('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'none' }),
    sm('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' }, { same: ['EndpointArn'] }),
    sm('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'one' }),
    sm('DescribeEndpoint', { EndpointName: 'flights' }, { same: ['EndpointName', 'EndpointArn', 'EndpointConfigName', 'EndpointStatus'] }),
    sm('ListEndpoints', { NameContains: 'fli' }, { same: ['Endpoints.0.EndpointName'] }),
    sm('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'none' }),
    sm('DeleteEndpoint', { EndpointName: 'flights' }),
    sm('DeleteEndpointConfig', { EndpointConfigName: 'none' }),
    sm('DeleteModelPackageGroup', { ModelPackageGroupName: 'flights' }),
    sm('DeleteModelPackage', { ModelPackageName: arn('model-package/flights/9') }),
    sm('DescribeTrainingJob', { TrainingJobName: 'none' }),
    sm('StopTrainingJob', { TrainingJobName: 'none' }),
    sm('DescribeProcessingJob', { ProcessingJobName: 'none' }),
  ];
}
