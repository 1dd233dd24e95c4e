import { readdirSync, readFileSync, statSync } from 'fs';
import { join } from 'path';
import { zipSync, type Zippable } from 'fflate';
import { callWithRetries } from '../retry';
import { ADMINISTRATOR, AwsError } from '../service';
import type { World } from '../world';
import type { FileAsset } from './assembly';

/** Uploads what is not there yet; an asset's key is its hash, so what is there is the same. */
export async function publishAssets(world: World, assets: readonly FileAsset[]): Promise<void> {
  for (const asset of assets) {
    const Bucket = withPlaceholders(asset.bucketName, world);
    const Key = withPlaceholders(asset.objectKey, world);
    if (await exists(world, Bucket, Key)) continue;
    const Body = asset.packaging === 'zip' ? zipDirectory(asset.sourcePath) : readFileSync(asset.sourcePath);
    const ContentType = asset.packaging === 'zip' ? 'application/zip' : 'application/octet-stream';
    await callWithRetries(world, { service: 's3', operation: 'PutObject', input: { Bucket, Key, Body, ContentType }, caller: ADMINISTRATOR });
  }
}

async function exists(world: World, Bucket: string, Key: string): Promise<boolean> {
  try {
    await callWithRetries(world, { service: 's3', operation: 'HeadObject', input: { Bucket, Key }, caller: ADMINISTRATOR });
    return true;
  } catch (error) {
    if (error instanceof AwsError && error.httpStatus === 404 && error.code !== 'NoSuchBucket') return false;
    throw error;
  }
}

function withPlaceholders(text: string, world: World): string {
  return text
    .replaceAll('${AWS::Partition}', world.partition)
    .replaceAll('${AWS::AccountId}', world.account)
    .replaceAll('${AWS::Region}', world.region);
}

/** The same bytes on every machine: entries sorted, times fixed (zip knows none before 1980), modes kept. */
export function zipDirectory(directory: string): Buffer {
  const mtime = new Date(1980, 0, 1);
  const entries: Zippable = {};
  const add = (relative: string): void => {
    for (const name of readdirSync(join(directory, relative)).sort()) {
      const path = relative === '' ? name : `${relative}/${name}`;
      const stat = statSync(join(directory, path));
      if (stat.isDirectory()) add(path);
      else entries[path] = [readFileSync(join(directory, path)), { mtime, os: 3, attrs: (stat.mode & 0xffff) << 16 }];
    }
  };
  add('');
  // Stored as they are: packing them would take longer than all else that a deployment does.
  return Buffer.from(zipSync(entries, { level: 0 }));
}
