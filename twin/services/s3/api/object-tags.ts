import type { Operation } from '../../../service';
import { Permissions } from '../permissions';
import type { S3State } from '../state';
import { checkTags } from '../tags';
import { versionMember } from './objects';

export function objectTagOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  const operation = (verb: 'Get' | 'Put' | 'Delete', run: (object: ReturnType<typeof find>, input: any) => object): Operation => ({ // eslint-disable-line @typescript-eslint/no-explicit-any
    authorize: (input) => [permissions.object(`${verb}Object${input.VersionId === undefined ? '' : 'Version'}Tagging`, input.Bucket, input.Key)],
    run(input) {
      const object = find(input);
      return { ...run(object, input), ...versionMember(object) };
    },
  });
  const find = (input: { Bucket: string; Key: string; VersionId?: string }) => state.bucket(input.Bucket).get(input.Key, input.VersionId);
  return {
    GetObjectTagging: operation('Get', (object) => ({ TagSet: object.tags })),
    PutObjectTagging: operation('Put', (object, input) => {
      object.tags = checkTags(input.Tagging.TagSet, 10);
      return {};
    }),
    DeleteObjectTagging: operation('Delete', (object) => {
      object.tags = [];
      return {};
    }),
  };
}
