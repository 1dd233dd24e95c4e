import { AwsError } from '../../service';
import type { ObjectVersion } from './bucket';

type Tags = ObjectVersion['tags'];

/** The `x-amz-tagging` header: `key=value&key=value`. */
export function tagsFromHeader(header: string | undefined): Tags {
  return checkTags([...new URLSearchParams(header ?? '')].map(([Key, Value]) => ({ Key, Value })), 10);
}

export function checkTags(tags: Tags, most: number): Tags {
  if (tags.length > most) throw new AwsError('BadRequest', `Object tags cannot be greater than ${most}`);
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) throw new AwsError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  for (const { Key, Value } of tags) {
    if (Key.length < 1 || Key.length > 128) throw new AwsError('InvalidTag', 'The TagKey you have provided is invalid');
    if (Value.length > 256) throw new AwsError('InvalidTag', 'The TagValue you have provided is invalid');
  }
  return tags;
}
