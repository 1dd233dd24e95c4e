import type { Shard } from '../../../lib/monitoring/drift-monitor.contract';

export interface ChosenShards {
  readonly shards: readonly Shard[];
  /** The first hour of which nothing is left to scan after these, `yyyy-mm-ddThh`; `end` if that is not even the last one. */
  readonly countedFrom: string;
}

/**
 * Takes up to `limit` of the shards of the hours before `end`, newest hours first, since they stay in the window the longest. So a scan
 * after a pause, or of a window that is counted anew, ends in its time; the next ones do the rest.
 */
export async function chooseShards(
  hours: readonly string[], end: string, limit: number, unscanned: (hour: string) => Promise<readonly Shard[]>,
): Promise<ChosenShards> {
  const shards: Shard[] = [];
  let countedFrom = end;
  for (const hour of [...hours].reverse()) {
    const own = await unscanned(hour);
    const room = limit - shards.length;
    for (const shard of own.slice(0, room)) shards.push(shard);
    if (own.length > room) break;
    countedFrom = hour;
  }
  return { shards, countedFrom };
}
