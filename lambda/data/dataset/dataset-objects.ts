import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { listedKey } from '../../adapters/objects';

/** One object of a dataset at one version; its bytes never change. */
export interface PinnedObject {
  readonly key: string;
  readonly versionId: string;
  readonly etag: string;
  readonly size: number;
}

/** The current version of every object under the prefix, in key order. Names that begin with `_` or `.` are not data. */
export async function currentObjects(s3: S3Client, bucket: string, prefix: string): Promise<PinnedObject[]> {
  const objects: PinnedObject[] = [];
  let keyMarker: string | undefined;
  let versionMarker: string | undefined;
  do {
    const page = await s3.send(new ListObjectVersionsCommand({
      Bucket: bucket, Prefix: prefix, KeyMarker: keyMarker, VersionIdMarker: versionMarker, EncodingType: 'url',
    }));
    for (const { Key: encoded = '', VersionId = '', ETag = '', Size = 0, IsLatest } of page.Versions ?? []) {
      const key = listedKey(encoded);
      const name = key.slice(key.lastIndexOf('/') + 1);
      if (IsLatest && name !== '' && !/^[_.]/.test(name)) objects.push({ key, versionId: VersionId, etag: ETag, size: Size });
    }
    keyMarker = page.IsTruncated && page.NextKeyMarker !== undefined ? listedKey(page.NextKeyMarker) : undefined;
    versionMarker = page.NextVersionIdMarker;
  } while (keyMarker !== undefined);
  return objects;
}
