import type { S3Client } from '@aws-sdk/client-s3';
import { CAPTURE_PREFIX, VARIANT_NAME } from '../../../lib/serving/release-descriptor.contract';
import { listObjects } from '../../adapters/objects';
import { daysOf } from './hours';

export interface CaptureFile {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** Captured files by hour. SageMaker writes `…/<variant>/yyyy/mm/dd/hh/<name>.jsonl`, at times minutes late. */
export function captureFiles(s3: S3Client, bucket: string, endpoint: string, hours: readonly string[]): Promise<Map<string, CaptureFile[]>> {
  return filesByHour(s3, bucket, `${CAPTURE_PREFIX}/${endpoint}/${VARIANT_NAME}/`, hours);
}

/** Files below `<folder>yyyy/mm/dd/hh/`, by hour. */
export async function filesByHour(s3: S3Client, bucket: string, folder: string, hours: readonly string[]): Promise<Map<string, CaptureFile[]>> {
  const files = new Map(hours.map((hour) => [hour, [] as CaptureFile[]]));
  for (const day of daysOf(hours)) {
    const prefix = `${folder}${day.replaceAll('-', '/')}/`;
    for await (const { Key, ETag = '', Size = 0 } of listObjects(s3, bucket, prefix)) {
      files.get(`${day}T${Key.slice(prefix.length, prefix.length + 2)}`)?.push({ key: Key, etag: ETag, size: Size });
    }
  }
  return files;
}
