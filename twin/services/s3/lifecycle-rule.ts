import { AwsError } from '../../service';

/** A lifecycle rule in the words of the API; CloudFormation's are translated to it. */
export interface LifecycleRule {
  readonly ID?: string;
  readonly Status: 'Enabled' | 'Disabled';
  readonly Prefix?: string;
  readonly Filter?: {
    readonly Prefix?: string;
    readonly Tag?: Tag;
    readonly ObjectSizeGreaterThan?: number;
    readonly ObjectSizeLessThan?: number;
    readonly And?: { readonly Prefix?: string; readonly Tags?: readonly Tag[]; readonly ObjectSizeGreaterThan?: number; readonly ObjectSizeLessThan?: number };
  };
  readonly Expiration?: { readonly Days?: number; readonly Date?: Date; readonly ExpiredObjectDeleteMarker?: boolean };
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays?: number; readonly NewerNoncurrentVersions?: number };
  readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation?: number };
  readonly Transitions?: ReadonlyArray<{ readonly Days?: number; readonly Date?: Date; readonly StorageClass: string }>;
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Classes an object can be read from at once; the archives would need restoring. */
const READABLE = ['STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER_IR'];

const FIELDS = ['ID', 'Status', 'Prefix', 'Filter', 'Expiration', 'NoncurrentVersionExpiration', 'AbortIncompleteMultipartUpload', 'Transitions'];

const ACTIONS = ['Expiration', 'NoncurrentVersionExpiration', 'AbortIncompleteMultipartUpload', 'Transitions'] as const;

export function checkRules(rules: readonly LifecycleRule[]): readonly LifecycleRule[] {
  const ids = rules.map((rule) => rule.ID).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length) throw new AwsError('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule');
  for (const rule of rules) {
    const unknown = Object.keys(rule).filter((field) => !FIELDS.includes(field) && rule[field as keyof LifecycleRule] !== undefined);
    if (unknown.length > 0) throw new AwsError('NotImplemented', `the twin's S3 does not implement ${unknown.join(', ')} in a lifecycle rule`, 501);
    if (ACTIONS.every((action) => rule[action] === undefined)) {
      throw new AwsError('InvalidRequest', 'At least one action needs to be specified in a rule');
    }
    for (const { StorageClass } of rule.Transitions ?? []) {
      if (!READABLE.includes(StorageClass)) {
        throw new AwsError('NotImplemented', `the twin's S3 moves objects to ${READABLE.join(', ')}, not to ${StorageClass}`, 501);
      }
    }
  }
  return rules;
}

/** What of an object a rule looks at. */
export interface Subject {
  readonly key: string;
  readonly size: number;
  readonly tags: readonly Tag[];
}

export function applies(rule: LifecycleRule, subject: Subject): boolean {
  const filter = { ...rule.Filter, ...rule.Filter?.And };
  const tags = [...(rule.Filter?.Tag ? [rule.Filter.Tag] : []), ...(rule.Filter?.And?.Tags ?? [])];
  return subject.key.startsWith(rule.Prefix ?? filter.Prefix ?? '')
    && tags.every((tag) => subject.tags.some((own) => own.Key === tag.Key && own.Value === tag.Value))
    && (filter.ObjectSizeGreaterThan === undefined || subject.size > filter.ObjectSizeGreaterThan)
    && (filter.ObjectSizeLessThan === undefined || subject.size < filter.ObjectSizeLessThan);
}
