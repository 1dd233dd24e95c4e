import { AwsError } from '../../service';
import type { LifecycleRule } from './lifecycle-rule';

/* eslint-disable @typescript-eslint/no-explicit-any -- properties are shaped by the template */

const KNOWN = ['Id', 'Status', 'Prefix', 'TagFilters', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan', 'ExpirationInDays', 'ExpirationDate',
  'ExpiredObjectDeleteMarker', 'NoncurrentVersionExpiration', 'NoncurrentVersionExpirationInDays', 'AbortIncompleteMultipartUpload', 'Transitions',
  'Transition'];

/** A rule of `AWS::S3::Bucket.LifecycleConfiguration` in the words of the API. */
export function fromCloudFormation(rule: Record<string, any>): LifecycleRule {
  const unknown = Object.keys(rule).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) throw new AwsError('NotImplemented', `LifecycleConfiguration.Rules: the twin does not implement ${unknown.join(', ')}`, 501);
  const expires = ['ExpirationInDays', 'ExpirationDate', 'ExpiredObjectDeleteMarker'].some((name) => rule[name] !== undefined);
  const noncurrentDays = rule['NoncurrentVersionExpiration']?.NoncurrentDays ?? rule['NoncurrentVersionExpirationInDays'];
  const transitions = [...(rule['Transitions'] ?? []), ...(rule['Transition'] === undefined ? [] : [rule['Transition']])];
  return {
    ID: rule['Id'],
    Status: rule['Status'],
    Filter: { And: {
      Prefix: rule['Prefix'], Tags: rule['TagFilters'],
      ObjectSizeGreaterThan: numberOf(rule['ObjectSizeGreaterThan']), ObjectSizeLessThan: numberOf(rule['ObjectSizeLessThan']),
    } },
    Expiration: expires ? {
      Days: numberOf(rule['ExpirationInDays']), Date: dateOf(rule['ExpirationDate']),
      ExpiredObjectDeleteMarker: rule['ExpiredObjectDeleteMarker'],
    } : undefined,
    NoncurrentVersionExpiration: noncurrentDays === undefined ? undefined : {
      NoncurrentDays: Number(noncurrentDays), NewerNoncurrentVersions: numberOf(rule['NoncurrentVersionExpiration']?.NewerNoncurrentVersions),
    },
    AbortIncompleteMultipartUpload: rule['AbortIncompleteMultipartUpload'] === undefined ? undefined
      : { DaysAfterInitiation: Number(rule['AbortIncompleteMultipartUpload'].DaysAfterInitiation) },
    Transitions: transitions.length === 0 ? undefined : transitions.map((transition: any) => ({
      Days: numberOf(transition.TransitionInDays), Date: dateOf(transition.TransitionDate), StorageClass: transition.StorageClass,
    })),
  };
}

function numberOf(value: unknown): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function dateOf(value: unknown): Date | undefined {
  return value === undefined ? undefined : new Date(String(value));
}
