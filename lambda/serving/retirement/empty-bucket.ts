import { DeleteObjectCommand, DeleteObjectsCommand, ListObjectVersionsCommand, NoSuchBucket, type S3Client } from '@aws-sdk/client-s3';
import { listedKey } from '../../adapters/objects';

/** Pages of 1,000 versions deleted in one go; more are left to the next step. */
const PAGES = 50;

/** A key of an object, and its version. */
interface Version {
  readonly Key: string;
  readonly VersionId: string | undefined;
}

/** What XML 1.0 cannot hold, not even as a reference: S3 refuses a whole batch with such a key in it. */
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;  

/** Deletes all versions and markers; false while there are more. A bucket with anything older than `since` is left as it is. */
export async function emptyBucket(s3: S3Client, bucket: string, since = new Date(0)): Promise<boolean> {
  // S3 tells whole seconds.
  const second = Math.floor(since.getTime() / 1000) * 1000;
  try {
    for (let page = 0; page < PAGES; page++) {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1000, EncodingType: 'url' }));
      const listed = [...Versions, ...DeleteMarkers];
      if (listed.length === 0 || listed.some(({ LastModified }) => LastModified!.getTime() < second)) return true;
      const objects = listed.map(({ Key, VersionId }) => ({ Key: listedKey(Key!), VersionId }));
      await deleteVersions(s3, bucket, objects);
    }
    return false;
  } catch (error) {
    if (error instanceof NoSuchBucket) return true;
    throw error;
  }
}

async function deleteVersions(s3: S3Client, bucket: string, versions: Version[]): Promise<void> {
  const odd = new Set(versions.filter(({ Key }) => NOT_IN_XML.test(Key)));
  for (const version of odd) await s3.send(new DeleteObjectCommand({ Bucket: bucket, ...version }));
  const batch = versions.filter((version) => !odd.has(version));
  if (batch.length === 0) return;
  const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: batch, Quiet: true } }));
  if (Errors.length > 0) throw new Error(`${Errors.length} objects of ${bucket} could not be deleted, the first because of ${Errors[0]!.Code}: ${Errors[0]!.Message}`);
}
