import { AwsError } from '../../../service';
import { patiently } from '../patiently';
import { type ActionContext, ActionFailure, type ActionProvider } from './provider';

/** Takes one object, as it is, from a versioned bucket. */
export const s3Source: ActionProvider = {
  category: 'Source', owner: 'AWS', provider: 'S3', version: '1',
  required: ['S3Bucket', 'S3ObjectKey', 'PollForSourceChanges'],
  optional: ['AllowOverrideForS3ObjectKey'],
  inputs: [0, 0], outputs: [1, 1], timeoutMinutes: 60,

  check: ({ PollForSourceChanges: poll }) => (poll === 'false' ? [] : ["PollForSourceChanges must be 'false': the twin does not poll, start the pipeline by an event"]),

  async run(context) {
    const { world, caller, configuration, outputs, artifacts } = context;
    const bucket = configuration.S3Bucket!;
    const key = overridden(context, 'S3_OBJECT_KEY') ?? configuration.S3ObjectKey!;
    await assertVersioned(context, bucket);
    const object = await read(context, bucket, key, overridden(context, 'S3_OBJECT_VERSION_ID'));
    const [output] = outputs;
    const tagging = await tagsOf(context, bucket, key, object);
    await artifacts.write(output!, new Uint8Array(object.Body as Uint8Array), caller, tagging);
    output!.revision = { id: object.VersionId, summary: `Amazon S3 version id: ${object.VersionId}`, created: object.LastModified ?? world.clock.date() };
    return {
      outputVariables: { BucketName: bucket, ObjectKey: key, VersionId: object.VersionId, ETag: String(object.ETag).replaceAll('"', '') },
      summary: `Amazon S3 version id: ${object.VersionId}`, externalExecutionId: object.VersionId,
    };
  },
};

function overridden({ revisions, configuration }: ActionContext, type: string): string | undefined {
  const value = revisions.find(({ revisionType }) => revisionType === type)?.revisionValue;
  if (value !== undefined && type === 'S3_OBJECT_KEY' && configuration.AllowOverrideForS3ObjectKey !== 'true') {
    throw new ActionFailure('ConfigurationError', "the object key cannot be overridden, AllowOverrideForS3ObjectKey is not 'true'");
  }
  return value;
}

async function assertVersioned({ world, caller }: ActionContext, bucket: string): Promise<void> {
  const { Status } = await patiently(world, { service: 's3', operation: 'GetBucketVersioning', input: { Bucket: bucket }, caller });
  if (Status !== 'Enabled') throw new ActionFailure('ConfigurationError', `The source bucket ${bucket} does not have versioning enabled`);
}

/**
 * Tags go with the copy. The user guide asks for `s3:GetObjectTagging` and `s3:GetObjectVersionTagging` on the source and `s3:PutObjectTagging`
 * on the artifact, without saying which of the first two is used.
 */
async function tagsOf({ world, caller }: ActionContext, Bucket: string, Key: string, { TagCount, VersionId }: { TagCount?: number; VersionId?: string }): Promise<string | undefined> {
  if (TagCount === undefined) return undefined;
  await patiently(world, { service: 's3', operation: 'GetObjectTagging', input: { Bucket, Key }, caller });
  const { TagSet } = await patiently(world, { service: 's3', operation: 'GetObjectTagging', input: { Bucket, Key, VersionId }, caller });
  return new URLSearchParams(TagSet.map(({ Key: name, Value }: { Key: string; Value: string }) => [name, Value])).toString();
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- S3's answer */
async function read({ world, caller, run }: ActionContext, bucket: string, key: string, version: string | undefined): Promise<any> {
  try {
    return await patiently(world, { service: 's3', operation: 'GetObject', input: { Bucket: bucket, Key: key, VersionId: version }, caller });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code !== 'NoSuchKey' && error.code !== 'AccessDenied') throw error;
    const code = error.code === 'AccessDenied' ? 'PermissionError' : 'ConfigurationError';
    throw new ActionFailure(code, `The object with key '${key}' in bucket '${bucket}' could not be accessed with the role ${run.roleArn}: ${error.message}`);
  }
}
