import type { ShardRange } from '../../../lib/monitoring/drift-monitor.contract';
import type { CaptureFile } from './capture-files';

/** Packs files into shards of about `limit` bytes, in key order; a larger file is split into ranges. */
export function packShards(files: readonly CaptureFile[], limit: number): ShardRange[][] {
  const shards: ShardRange[][] = [];
  let room = 0;
  const put = (range: ShardRange) => {
    const size = range.end - range.start;
    if (shards.length === 0 || size > room) {
      shards.push([]);
      room = limit;
    }
    shards[shards.length - 1]!.push(range);
    room -= size;
  };
  for (const { key, etag, size } of [...files].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (size === 0) put({ key, etag, start: 0, end: 0 });
    for (let start = 0; start < size; start += limit) put({ key, etag, start, end: Math.min(size, start + limit) });
  }
  return shards;
}
