import { validation } from './names';

export interface Listed {
  readonly name: string;
  readonly createdAt: Date;
  readonly modifiedAt?: Date;
  readonly status?: string;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs of a dozen List operations */

/**
 * What all of SageMaker's List operations share: order, pages of ten, filters. As ListTrainingJobs documents for StatusEquals, results
 * "are first retrieved ignoring the … parameter and then they are filtered": a page may be empty and yet not the last.
 */
export function list<T extends Listed>(items: Iterable<T>, input: any, defaults: { order: 'Ascending' | 'Descending' }): { page: T[]; NextToken?: string } {
  const all = [...items];
  const matches = (item: T) => (input.NameContains === undefined || item.name.includes(input.NameContains))
    && within(item.createdAt, input.CreationTimeAfter, input.CreationTimeBefore)
    && within(item.modifiedAt ?? item.createdAt, input.LastModifiedTimeAfter, input.LastModifiedTimeBefore)
    && (input.StatusEquals === undefined || item.status === input.StatusEquals);
  const key: (item: T) => string | number = input.SortBy === 'Name' ? (item) => item.name
    : input.SortBy === 'Status' ? (item) => item.status ?? '' : (item) => item.createdAt.getTime();
  // Sorting is stable: of the same instant, what was made first counts as older.
  all.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  if ((input.SortOrder ?? defaults.order) === 'Descending') all.reverse();
  const start = input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64').toString());
  if (!Number.isInteger(start)) throw validation('Invalid NextToken');
  const end = start + (input.MaxResults ?? 10);
  return { page: all.slice(start, end).filter(matches), ...(end < all.length && { NextToken: Buffer.from(String(end)).toString('base64') }) };
}

function within(date: Date, after?: Date, before?: Date): boolean {
  return (after === undefined || date > after) && (before === undefined || date < before);
}
