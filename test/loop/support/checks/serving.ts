import { expectEqual, expectThat } from '../expectations';
import type { Loop } from '../loop';

/** The endpoint serves this package, shut off and recorded as promised. */
export async function servesAsPromised(loop: Loop, packageArn: string): Promise<void> {
  const { EndpointStatus, EndpointConfigName, EndpointArn } = await loop.account.endpoint() ?? {};
  expectEqual('the endpoint is in service after the release', EndpointStatus, 'InService');
  const { ProductionVariants: [{ ModelName }], DataCaptureConfig, KmsKeyId } = await loop.call('sagemaker', 'DescribeEndpointConfig', { EndpointConfigName });
  const model = await loop.call('sagemaker', 'DescribeModel', { ModelName });
  expectEqual('the endpoint serves the approved package', model.Containers[0].ModelPackageName, packageArn);
  expectEqual('a serving model reaches nothing', model.EnableNetworkIsolation, true);
  expectEqual('the disks of the endpoint are encrypted by the loop\'s key', KmsKeyId, await loop.keyArn());
  expectEqual('captured traffic is to be encrypted by the loop\'s key', DataCaptureConfig.KmsKeyId, await loop.keyArn());
  const { Tags } = await loop.call('sagemaker', 'ListTags', { ResourceArn: EndpointArn });
  const { Stacks: [{ StackId }] } = await loop.call('cloudformation', 'DescribeStacks', { StackName: loop.stackName });
  expectEqual('the endpoint is known as the stack\'s', Tags.find(({ Key }: { Key: string }) => Key === 'cdk-mlops:stack-id')?.Value, StackId);
}

/** The update was watched by alarms of the new fleet, which tell the team. */
export async function updateWasGuarded(loop: Loop): Promise<void> {
  const { EndpointConfigName, LastDeploymentConfig } = await loop.account.endpoint();
  const AlarmNames: string[] = (LastDeploymentConfig?.AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName }: { AlarmName: string }) => AlarmName);
  expectThat('alarms of the new fleet alone roll an update back', AlarmNames.length > 0 && AlarmNames.every((name) => name.startsWith(`${EndpointConfigName}-`)), `its alarms are [${AlarmNames.join(', ')}]`);
  const { MetricAlarms } = await loop.call('monitoring', 'DescribeAlarms', { AlarmNames });
  const topic = await loop.resource('AWS::SNS::Topic');
  for (const { AlarmName, AlarmActions } of MetricAlarms) expectEqual(`rollback alarm ${AlarmName} tells the team`, AlarmActions, [topic]);
}

/** Requests and answers lie encrypted in the capture bucket. */
export async function trafficIsCaptured(loop: Loop): Promise<void> {
  const bucket = await loop.resource('AWS::S3::Bucket', 'Capture');
  const keys = await loop.account.keys(bucket, `capture/${loop.names.endpoint}/`);
  expectThat('traffic is captured', keys.length > 0, `there is nothing in ${bucket}`);
  const { SSEKMSKeyId } = await loop.call('s3', 'HeadObject', { Bucket: bucket, Key: keys[0] });
  expectEqual('captured traffic is encrypted by the loop\'s key', SSEKMSKeyId, await loop.keyArn());
}
