import { AuthorizationRequest, Operation } from '../../service';

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** The tags of everything in SageMaker, by ARN. */
export class TagStore {
  private readonly byArn = new Map<string, Map<string, string>>();

  set(arn: string, tags: readonly Tag[] | undefined): void {
    this.byArn.set(arn, new Map((tags ?? []).map(({ Key, Value }) => [Key, Value])));
  }

  add(arn: string, tags: readonly Tag[]): void {
    const existing = this.byArn.get(arn) ?? new Map<string, string>();
    for (const { Key, Value } of tags) existing.set(Key, Value);
    this.byArn.set(arn, existing);
  }

  remove(arn: string, keys: readonly string[]): void {
    for (const key of keys) this.byArn.get(arn)?.delete(key);
  }

  forget(arn: string): void {
    this.byArn.delete(arn);
  }

  of(arn: string): Tag[] {
    return [...this.byArn.get(arn) ?? []].map(([Key, Value]) => ({ Key, Value }));
  }

  /** As the events carry them. */
  asObject(arn: string): Record<string, string> {
    return Object.fromEntries(this.byArn.get(arn) ?? []);
  }
}

/** Who creates something with tags needs permission to tag it, too. */
export function taggingOnCreate(input: { Tags?: readonly Tag[] }, resource: string, operation: string): AuthorizationRequest[] {
  return input.Tags?.length ? [{ action: 'sagemaker:AddTags', resource, context: { ...requestTags(input), 'sagemaker:TaggingAction': operation } }] : [];
}

export function requestTags({ Tags }: { Tags?: readonly Tag[] }): Record<string, string | string[]> {
  if (!Tags?.length) return {};
  return { ...Object.fromEntries(Tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value])), 'aws:TagKeys': Tags.map(({ Key }) => Key) };
}

export function tagOperations(tags: TagStore): Record<string, Operation> {
  return {
    AddTags: {
      authorize: (input) => [{ action: 'sagemaker:AddTags', resource: input.ResourceArn, context: requestTags(input) }],
      run: ({ ResourceArn, Tags }) => {
        tags.add(ResourceArn, Tags);
        return { Tags: tags.of(ResourceArn) };
      },
    },
    DeleteTags: {
      authorize: ({ ResourceArn, TagKeys }) => [{ action: 'sagemaker:DeleteTags', resource: ResourceArn, context: { 'aws:TagKeys': TagKeys } }],
      run: ({ ResourceArn, TagKeys }) => {
        tags.remove(ResourceArn, TagKeys);
        return {};
      },
    },
    ListTags: {
      authorize: ({ ResourceArn }) => [{ action: 'sagemaker:ListTags', resource: ResourceArn }],
      run: ({ ResourceArn, MaxResults = 50, NextToken }) => {
        const start = Number(NextToken ?? 0);
        const all = tags.of(ResourceArn);
        return { Tags: all.slice(start, start + MaxResults), ...(start + MaxResults < all.length && { NextToken: String(start + MaxResults) }) };
      },
    },
  };
}
