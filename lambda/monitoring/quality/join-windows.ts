import type { S3Client } from '@aws-sdk/client-s3';
import {
  addFacetTallies, addWindowQuality, LabelJoin, partitionOf, tallyFacets, windowQuality, type FacetTally, type WindowQuality,
} from '../../core';
import { readRows, type RowFiles } from './row-files';
import type { OpenWindows } from './windows';

/** Answers joined at a time; some 200 MB. */
const ANSWERS_AT_ONCE = 1_000_000;

/** What is counted of a window. */
export interface WindowCounts {
  readonly quality: WindowQuality;
  readonly tallies: readonly FacetTally[];
}

export interface JoinOptions {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly answers: RowFiles;
  readonly labels: RowFiles;
  readonly windows: OpenWindows;
  /** Answers given earlier are another model's; milliseconds since the epoch. */
  readonly since: number;
  readonly facets: number;
  readonly threshold: number;
}

export interface Joined {
  /** By start of the window. */
  readonly counts: ReadonlyMap<number, WindowCounts>;
  /** Labels whose answer was not captured in an open window of this model. */
  readonly unmatched: number;
}

/** Joins answers and labels, a part of their ids at a time where there are many. */
export async function joinWindows(options: JoinOptions, answersAtOnce = ANSWERS_AT_ONCE): Promise<Joined> {
  const { answers, windows, facets, threshold } = options;
  const counts = new Map<number, WindowCounts>();
  const partitions = Math.max(1, Math.ceil(answers.rows / answersAtOnce));
  let unmatched = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const join = await joinPartition(options, partition, partitions);
    const predictions = join.predictions();
    for (const start of windows.starts) {
      const quality = windowQuality(join.rows(start), predictions.get(start) ?? 0, threshold);
      const tallies = facets === 0 ? [] : tallyFacets(join.answers(start), facets, threshold);
      const known = counts.get(start);
      counts.set(start, known ? { quality: addWindowQuality(known.quality, quality), tallies: addFacetTallies(known.tallies, tallies) } : { quality, tallies });
    }
    unmatched += join.unmatched;
  }
  return { counts, unmatched };
}

async function joinPartition({ s3, bucket, answers, labels, windows, since }: JoinOptions, partition: number, partitions: number): Promise<LabelJoin> {
  const join = new LabelJoin(windows.milliseconds);
  const first = Math.max(since, windows.starts[0] ?? Infinity);
  const end = (windows.starts.at(-1) ?? -Infinity) + windows.milliseconds;
  for await (const rows of readRows(s3, bucket, answers)) {
    for (const row of rows) if (row.time >= first && row.time < end && partitionOf(row, partitions) === partition) join.predict(row, row.time);
  }
  for await (const rows of readRows(s3, bucket, labels)) {
    for (const row of rows) if (partitionOf(row, partitions) === partition) join.label(row, row.time);
  }
  return join;
}
