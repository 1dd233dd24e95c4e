import { DeleteObjectsCommand, ListObjectVersionsCommand, NoSuchBucket, type S3Client } from '@aws-sdk/client-s3';
import { listedKey } from '../../adapters/objects';

/** Pages of 1,000 versions deleted in one go; more are left to the next step. */
const PAGES = 50;

/** Deletes all versions and markers; false while there are more. */
export async function emptyBucket(s3: S3Client, bucket: string): Promise<boolean> {
  try {
    for (let page = 0; page < PAGES; page++) {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1000, EncodingType: 'url' }));
      const objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: listedKey(Key!), VersionId }));
      if (objects.length === 0) return true;
      const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }));
      if (Errors.length > 0) throw new Error(`${Errors.length} objects of ${bucket} could not be deleted, the first because of ${Errors[0]!.Code}: ${Errors[0]!.Message}`);
    }
    return false;
  } catch (error) {
    if (error instanceof NoSuchBucket) return true;
    throw error;
  }
}
