import { AwsError, type Operation } from '../../../service';
import { Permissions } from '../permissions';
import type { S3State } from '../state';
import { refuse } from './objects';

export function bucketOperations(state: S3State): Record<string, Operation> {
  const permissions = new Permissions(state);
  const { world } = state;
  return {
    CreateBucket: {
      authorize: (input) => [permissions.bucket('CreateBucket', input.Bucket)],
      run(input) {
        refuse(input, 'ObjectLockEnabledForBucket', 'GrantFullControl', 'GrantRead', 'GrantWrite');
        const location = input.CreateBucketConfiguration?.LocationConstraint;
        // us-east-1 is the one region that is not named.
        if (location !== (world.region === 'us-east-1' ? undefined : world.region)) {
          throw new AwsError('IllegalLocationConstraintException',
            `The ${location ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`);
        }
        state.create(input.Bucket).ownership = input.ObjectOwnership;
        return { Location: `/${input.Bucket}` };
      },
    },
    HeadBucket: {
      authorize: (input) => [permissions.bucket('ListBucket', input.Bucket)],
      run: (input) => ({ BucketArn: state.bucket(input.Bucket).arn, BucketRegion: world.region }),
    },
    DeleteBucket: {
      authorize: (input) => [permissions.bucket('DeleteBucket', input.Bucket)],
      run(input) {
        state.delete(input.Bucket);
        return {};
      },
    },
    ListBuckets: {
      authorize: () => [{ action: 's3:ListAllMyBuckets', resource: '*' }],
      run: (input) => ({
        Buckets: [...state.buckets.values()].filter(({ name }) => name.startsWith(input.Prefix ?? ''))
          .sort((one, other) => (one.name < other.name ? -1 : 1))
          .map(({ name, createdAt, arn }) => ({ Name: name, CreationDate: createdAt, BucketRegion: world.region, BucketArn: arn })),
        Owner: { ID: world.account },
      }),
    },
    GetBucketLocation: {
      authorize: (input) => [permissions.bucket('GetBucketLocation', input.Bucket)],
      run(input) {
        state.bucket(input.Bucket);
        return world.region === 'us-east-1' ? {} : { LocationConstraint: world.region };
      },
    },
  };
}
