import { labelledCsv } from '../../bin/story/flights';
import { COAST, OCEAN, flightsDuring, type Season } from '../../test/loop/support/airline';
import { DATASET } from './app-settings';
import type { Cloud } from './cloud';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 7;
const PER_HOUR = 60;

/** Hour and weekday are drawn: windows of an hour shall look alike. */
export const ORDINARY: Season = { ...COAST, timeless: true };
export const CHANGED: Season = { ...OCEAN, timeless: true };

/** Labelled flights, handed in as files of a day. */
export class Data {
  constructor(private readonly cloud: Cloud) {}

  /** The account's own time: that of AWS, or of the twin. */
  async now(bucket: string): Promise<number> {
    const key = 'acceptance/clock';
    await this.cloud.upload(bucket, key, '');
    const { LastModified } = await this.cloud.call('s3', 'HeadObject', { Bucket: bucket, Key: key });
    await this.cloud.call('s3', 'DeleteObject', { Bucket: bucket, Key: key });
    return (LastModified as Date).getTime();
  }

  /** The flights of the last days until now, in the place of those that were there. */
  async handIn(bucket: string, season: Season): Promise<number> {
    const now = await this.now(bucket);
    let rows = 0;
    for (let day = Math.floor(now / DAY - DAYS) * DAY; day < now; day += DAY) {
      const flights = flightsDuring(day, Math.min(day + DAY, now), season, PER_HOUR);
      rows += flights.length;
      await this.cloud.upload(bucket, `${DATASET.prefix}${new Date(day).toISOString().slice(0, 10)}.csv`, labelledCsv(flights));
    }
    return rows;
  }

  /** Says that the data are complete, which starts a training run. */
  async complete(bucket: string): Promise<void> {
    await this.cloud.upload(bucket, `${DATASET.prefix}_SUCCESS`, '');
  }
}
