import { AwsError } from '../../service';

/** Bytes of a key. */
export const LONGEST_KEY = 1024;

export const noSuchBucket = (bucket: string) => new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket });

export const keyTooLong = (key: string) => new AwsError('KeyTooLongError', 'Your key is too long', 400, { Size: Buffer.byteLength(key), MaxSizeAllowed: LONGEST_KEY });

export const noSuchKey = (key: string) => new AwsError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key });

export const noSuchVersion = (key: string, versionId: string) => new AwsError('NoSuchVersion', 'The specified version does not exist.', 404,
  { Key: key, VersionId: versionId });

export const noSuchUpload = (uploadId: string) => new AwsError('NoSuchUpload',
  'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.', 404, { UploadId: uploadId });

export const preconditionFailed = (condition: string) => new AwsError('PreconditionFailed',
  'At least one of the pre-conditions you specified did not hold', 412, { Condition: condition });

export const notModified = () => new AwsError('NotModified', 'Not Modified', 304);

export const invalidArgument = (name: string, value: unknown, message: string) => new AwsError('InvalidArgument', message, 400,
  { ArgumentName: name, ArgumentValue: String(value) });

/** What the real service does and the twin does not. */
export const notImplemented = (what: string) => new AwsError('NotImplemented', `the twin's S3 does not implement ${what}`, 501);
