import { DatasetError } from '../../core';

const HOUR = 3_600_000;

/** Labelled rows by the hour they belong to (its start, milliseconds since the epoch). */
export type RowsByHour = ReadonlyMap<number, number>;

/** Training rows are `trainFrom <= time < holdoutFrom`, the hold-out is `holdoutFrom <= time < holdoutUntil`. */
export interface DatasetWindow {
  readonly trainFrom: number;
  readonly holdoutFrom: number;
  readonly holdoutUntil: number;
  readonly trainRows: number;
  readonly holdoutRows: number;
}

export interface WindowRequest {
  readonly dataset: string;
  readonly rows: RowsByHour;
  /** Lengths in milliseconds. */
  readonly trainingWindow: number;
  readonly holdout: number;
  readonly minimumHoldoutRows: number;
  /** End of the champion's training, if there is a champion; the hold-out begins no earlier. */
  readonly championTrainedUntil: number | undefined;
}

/** The newest labelled rows are held out; the window before them trains. Both models are judged on rows that neither saw. */
export function chooseWindow({ dataset, rows, trainingWindow, holdout, minimumHoldoutRows, championTrainedUntil }: WindowRequest): DatasetWindow {
  // Not spread as arguments: that fails from some 100,000 hours on.
  let newest = -Infinity;
  let oldest = Infinity;
  for (const hour of rows.keys()) {
    newest = Math.max(newest, hour);
    oldest = Math.min(oldest, hour);
  }
  if (!Number.isFinite(newest)) throw new DatasetError('no-rows', dataset, undefined, 'no row has a label; add labelled rows');
  const holdoutUntil = newest + HOUR;
  const holdoutFrom = Math.max(holdoutUntil - holdout, championTrainedUntil ?? -Infinity);
  const trainFrom = holdoutFrom - trainingWindow;
  const trainRows = countRows(rows, trainFrom, holdoutFrom);
  const holdoutRows = countRows(rows, holdoutFrom, holdoutUntil);
  if (holdoutRows === 0) {
    throw new DatasetError('no-rows', dataset, undefined,
      `the newest labelled row is of ${iso(newest)}, not later than the champion's training, which ended at ${iso(holdoutFrom)}; add newer labelled rows`);
  }
  if (holdoutRows < minimumHoldoutRows) {
    throw new DatasetError('no-rows', dataset, undefined,
      `the hold-out from ${iso(holdoutFrom)} to ${iso(holdoutUntil)} has ${holdoutRows} labelled rows, ${minimumHoldoutRows} are needed to measure a model; wait for more rows,`
      + ' lengthen dataset.holdout, or lower dataset.minimumHoldoutRows');
  }
  if (trainRows === 0) {
    throw new DatasetError('no-rows', dataset, undefined,
      `the labelled rows from ${iso(oldest)} to ${iso(newest)} all fall into the hold-out of ${holdout / HOUR} hours; add older rows or shorten the hold-out`);
  }
  return { trainFrom, holdoutFrom, holdoutUntil, trainRows, holdoutRows };
}

/** How far ahead of now a row may be dated: clocks and time zones differ by less. */
export const FUTURE_SLACK = 24 * HOUR;

/** Nobody has labelled the future: such rows would become the hold-out, and keep every later row out of it. */
export function refuseFuture(bucket: string, objects: ReadonlyArray<{ readonly key: string; readonly hours: RowsByHour }>, now: number): void {
  for (const { key, hours } of objects) {
    let rows = 0;
    let latest = -Infinity;
    for (const [hour, count] of hours) {
      if (hour <= now + FUTURE_SLACK) continue;
      rows += count;
      latest = Math.max(latest, hour);
    }
    if (rows > 0) {
      throw new DatasetError('bad-time', `${bucket}${key}`, undefined,
        `${rows} labelled rows are dated after ${iso(now + FUTURE_SLACK)}, a day from now, the last of them ${iso(latest)}; correct their times, or move the object out of the dataset's prefix`);
    }
  }
}

export function countRows(rows: RowsByHour, from: number, until: number): number {
  let count = 0;
  for (const [hour, rowsInHour] of rows) if (hour >= from && hour < until) count += rowsInHour;
  return count;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
