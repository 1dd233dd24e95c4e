import { validation } from './names';

export interface Listed {
  readonly name: string;
  readonly createdAt: Date;
  readonly modifiedAt?: Date;
  readonly status?: string;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- inputs of a dozen List operations */

/** What all of SageMaker's List operations share: filters, order, pages of ten. */
export function list<T extends Listed>(items: Iterable<T>, input: any, defaults: { order: 'Ascending' | 'Descending' }): { page: T[]; NextToken?: string } {
  const chosen = [...items].filter((item) =>
    (input.NameContains === undefined || item.name.includes(input.NameContains))
    && within(item.createdAt, input.CreationTimeAfter, input.CreationTimeBefore)
    && within(item.modifiedAt ?? item.createdAt, input.LastModifiedTimeAfter, input.LastModifiedTimeBefore)
    && (input.StatusEquals === undefined || item.status === input.StatusEquals));
  const key: (item: T) => string | number = input.SortBy === 'Name' ? (item) => item.name
    : input.SortBy === 'Status' ? (item) => item.status ?? '' : (item) => item.createdAt.getTime();
  // Sorting is stable: of the same instant, what was made first counts as older.
  chosen.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  if ((input.SortOrder ?? defaults.order) === 'Descending') chosen.reverse();
  const start = input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64').toString());
  if (!Number.isInteger(start)) throw validation('Invalid NextToken');
  const end = start + (input.MaxResults ?? 10);
  return { page: chosen.slice(start, end), ...(end < chosen.length && { NextToken: Buffer.from(String(end)).toString('base64') }) };
}

function within(date: Date, after?: Date, before?: Date): boolean {
  return (after === undefined || date > after) && (before === undefined || date < before);
}
