import { imageFrom } from '../jobs/images';
import { TestWorld } from '../jobs/test-world';
import { fetchImage, parseReference, pushImage, pushIndex } from '../../../twin/jobs';
import { attested } from '../../../twin/jobs/image-index';
import type { Image } from '../../../twin/jobs/image';
import { ADMINISTRATOR } from '../../../twin/service';
import type { Principal, ResourceRequest } from '../../../twin/service';
import type { EcrService } from '../../../twin/services/ecr';

const DAY = 24 * 3_600_000;
const role: Principal = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/build', sessionName: 'build' };
const image = (content: string) => imageFrom('FROM python:3\nCOPY . /app', { 'a.txt': content });

describe('ECR', () => {
  let world: TestWorld;
  beforeEach(() => { world = new TestWorld(); });
  afterEach(() => { world.remove(); });

  const ecr = () => world.service<EcrService>('ecr');
  const call = (operation: string, input: object = {}, caller = ADMINISTRATOR) => world.call({ service: 'ecr', operation, input, caller });
  const create = async (properties: Record<string, unknown> = {}, name = 'models') => ecr().resources['AWS::ECR::Repository']!.create({
    world, type: 'AWS::ECR::Repository', logicalId: 'Repository', stackName: 'stack', stackId: 'id', properties: { RepositoryName: name, ...properties }, generateName: () => 'generated',
  } as ResourceRequest);
  const uri = (suffix: string, account = world.account) => parseReference(`${account}.dkr.ecr.us-east-1.amazonaws.com/models${suffix}`)!;
  const push = (made: Image, tag: string) => pushImage(world, made, uri(`:${tag}`), role);
  const tags = async () => (await call('DescribeImages', { repositoryName: 'models' })).imageDetails.flatMap((detail: { imageTags?: string[] }) => detail.imageTags ?? []).sort();

  test('what is pushed is pulled, by tag and by digest', async () => {
    await create();
    const made = image('1');
    await push(made, 'v1');
    for (const suffix of [':v1', `@${made.digest}`]) expect(await fetchImage(world, uri(suffix), role)).toEqual(made);
    expect(world.events).toEqual([expect.objectContaining({
      source: 'aws.ecr', 'detail-type': 'ECR Image Action',
      detail: { result: 'SUCCESS', 'repository-name': 'models', 'image-digest': made.digest, 'action-type': 'PUSH', 'image-tag': 'v1' },
    })]);
  });

  test('push and pull need what they need on AWS', async () => {
    await create();
    await push(image('1'), 'v1');
    await fetchImage(world, uri(':v1'), role);
    const needed = new Set(world.record.flatMap((entry) => entry.authorized.map(({ action, resource }) => `${action} ${resource}`)));
    const repository = 'arn:aws:ecr:us-east-1:123456789012:repository/models';
    expect([...needed].sort()).toEqual([
      `ecr:BatchCheckLayerAvailability ${repository}`, `ecr:BatchGetImage ${repository}`, `ecr:CompleteLayerUpload ${repository}`, 'ecr:GetAuthorizationToken *',
      `ecr:GetDownloadUrlForLayer ${repository}`, `ecr:InitiateLayerUpload ${repository}`, `ecr:PutImage ${repository}`, `ecr:UploadLayerPart ${repository}`,
    ]);
  });

  test('an immutable tag stays, a mutable one moves', async () => {
    await create({ ImageTagMutability: 'IMMUTABLE' });
    await push(image('1'), 'v1');
    await expect(push(image('2'), 'v1')).rejects.toThrow('The image tag \'v1\' already exists in the \'models\' repository and cannot be overwritten because the tag is immutable.');
    await expect(push(image('1'), 'v1')).rejects.toMatchObject({ code: 'ImageAlreadyExistsException' });
    await push(image('1'), 'same-image');
    await create({}, 'other');
    const other = (content: string) => pushImage(world, image(content), { ...uri(':v1'), repository: 'other' }, role);
    await other('1');
    await other('2');
    expect((await call('ListImages', { repositoryName: 'other' })).imageIds).toEqual([{ imageDigest: image('1').digest }, { imageDigest: image('2').digest, imageTag: 'v1' }]);
  });

  test('a manifest needs its layers, a layer its digest', async () => {
    await create();
    await expect(call('PutImage', { repositoryName: 'models', imageManifest: image('1').manifest, imageTag: 'v1' })).rejects.toMatchObject({ code: 'LayersNotFoundException' });
    const { uploadId } = await call('InitiateLayerUpload', { repositoryName: 'models' });
    await call('UploadLayerPart', { repositoryName: 'models', uploadId, partFirstByte: 0, partLastByte: 2, layerPartBlob: Buffer.from('abc') });
    await expect(call('CompleteLayerUpload', { repositoryName: 'models', uploadId, layerDigests: [`sha256:${'0'.repeat(64)}`] })).rejects.toMatchObject({ code: 'InvalidLayerException' });
  });

  test('what is missing is said', async () => {
    await expect(fetchImage(world, uri(':v1'), role)).rejects.toThrow('The repository with name \'models\' does not exist in the registry with id \'123456789012\'');
    await create();
    await expect(fetchImage(world, uri(':v1'), role)).rejects.toMatchObject({ code: 'ImageNotFoundException' });
    await expect(call('DescribeImages', { repositoryName: 'models', imageIds: [{ imageTag: 'v1' }] })).rejects.toMatchObject({ code: 'ImageNotFoundException' });
  });

  test('the lifecycle policy expires by age and by count, once a day, and never what an earlier rule has counted', async () => {
    const rule = (rulePriority: number, selection: object) => ({ rulePriority, selection, action: { type: 'expire' } });
    const rules = [
      rule(1, { tagStatus: 'tagged', tagPrefixList: ['keep'], countType: 'imageCountMoreThan', countNumber: 100 }),
      rule(2, { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 2 }),
    ];
    await create({ LifecyclePolicy: { LifecyclePolicyText: JSON.stringify({ rules }) } });
    for (const tag of ['keep-1', 'a', 'b', 'c']) {
      await push(image(tag), tag);
      await world.clock.advance(1000);
    }
    expect(await tags()).toEqual(['a', 'b', 'c', 'keep-1']);
    await world.clock.advance(DAY);
    expect(await tags()).toEqual(['b', 'c', 'keep-1']);
    expect(world.events.filter(({ detail }) => detail['action-type'] === 'DELETE').map(({ detail }) => detail['image-tag'])).toEqual(['a']);
  });

  test('untagged images expire after their days', async () => {
    const rules = [{ rulePriority: 1, selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 3 }, action: { type: 'expire' } }];
    await create({ LifecyclePolicy: { LifecyclePolicyText: JSON.stringify({ rules }) } });
    await push(image('1'), 'v1');
    await push(image('2'), 'v1');
    await world.clock.advance(2.5 * DAY);
    expect((await call('ListImages', { repositoryName: 'models' })).imageIds).toHaveLength(2);
    await world.clock.advance(2 * DAY);
    expect((await call('ListImages', { repositoryName: 'models' })).imageIds).toHaveLength(1);
  });

  describe('an index', () => {
    const expiry = { rulePriority: 1, selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: 3 }, action: { type: 'expire' } };
    const index = attested(image('1'));

    test('is kept by its type, needs what it names, and keeps it', async () => {
      await create({ LifecyclePolicy: { LifecyclePolicyText: JSON.stringify({ rules: [expiry] }) } });
      await expect(call('PutImage', { repositoryName: 'models', imageManifest: index.manifest, imageTag: 'v1' })).rejects.toMatchObject({ code: 'ReferencedImagesNotFoundException' });
      await pushIndex(world, index, uri(':v1'), role);
      const { imageDetails } = await call('DescribeImages', { repositoryName: 'models', imageIds: [{ imageTag: 'v1' }] });
      expect(imageDetails).toMatchObject([{ imageDigest: index.digest, imageManifestMediaType: 'application/vnd.oci.image.index.v1+json', imageTags: ['v1'] }]);
      const imageIds = [{ imageDigest: index.members[0]!.digest }];
      expect(await call('BatchDeleteImage', { repositoryName: 'models', imageIds })).toMatchObject({ failures: [{ failureCode: 'ImageReferencedByManifestList' }] });
      await world.clock.advance(10 * DAY);
      expect((await call('ListImages', { repositoryName: 'models' })).imageIds).toHaveLength(3);
      expect(await fetchImage(world, uri(':v1'), role)).toEqual(image('1'));
      await expect(fetchImage(world, uri(':v1'), role, { architecture: 'arm64' })).rejects.toThrow('no matching manifest for linux/arm64');
      await call('BatchDeleteImage', { repositoryName: 'models', imageIds: [{ imageTag: 'v1' }] });
      await world.clock.advance(2 * DAY);
      expect((await call('ListImages', { repositoryName: 'models' })).imageIds).toBeUndefined();
    });

    test('is pushed again under another tag without its members', async () => {
      await create();
      await pushIndex(world, index, uri(':v1'), role);
      await pushIndex(world, index, uri(':v2'), role);
      expect(world.record.filter(({ operation, error }) => operation === 'PutImage' && error === undefined)).toHaveLength(4);
      expect(await tags()).toEqual(['v1', 'v2']);
    });
  });

  test.each([
    [{ tagStatus: 'tagged', countType: 'imageCountMoreThan', countNumber: 1 }, 'tagPrefixList or tagPatternList is required'],
    [{ tagStatus: 'any', countType: 'sinceImagePushed', countNumber: 1 }, 'countUnit days is required'],
    [{ tagStatus: 'any', countType: 'sometimes', countNumber: 1 }, 'countType sometimes is none of'],
  ])('a lifecycle policy that makes no sense is refused: %j', async (selection, message) => {
    const text = JSON.stringify({ rules: [{ rulePriority: 1, selection, action: { type: 'expire' } }] });
    await expect(create({ LifecyclePolicy: { LifecyclePolicyText: text } })).rejects.toThrow(message);
  });

  test('scan on push reports when it is done', async () => {
    await create({ ImageScanningConfiguration: { ScanOnPush: true } });
    await push(image('1'), 'v1');
    await world.clock.advance(2 * 60_000);
    expect(world.events.at(-1)).toMatchObject({ 'detail-type': 'ECR Image Scan', detail: { 'scan-status': 'COMPLETE', 'image-tags': ['v1'] } });
    expect(await call('DescribeImageScanFindings', { repositoryName: 'models', imageId: { imageTag: 'v1' } })).toMatchObject({ imageScanStatus: { status: 'COMPLETE' } });
  });

  test('a repository with images goes only with EmptyOnDelete', async () => {
    const provider = ecr().resources['AWS::ECR::Repository']!;
    const existing = await create();
    await push(image('1'), 'v1');
    const request = (properties: object) => ({ world, properties } as unknown as ResourceRequest);
    expect(() => provider.delete(request({}), existing)).toThrow('cannot be deleted because it still contains images');
    await provider.delete(request({ EmptyOnDelete: true }), existing);
    expect(ecr().remaining()).toEqual([]);
  });

  test('the policy of a repository in another account is what its callers are checked against', async () => {
    const policy = { Statement: [{ Effect: 'Allow', Principal: { AWS: role.kind === 'role' ? role.roleArn : '' }, Action: 'ecr:BatchGetImage' }] };
    const address = ecr().seedImage({ registryId: '999999999999', repository: 'models', image: image('1'), policy });
    const seen: unknown[] = [];
    world.authorizer = { decide: (_, request) => { seen.push(request.resourcePolicy); return { allowed: true }; } };
    await fetchImage(world, parseReference(address)!, role);
    expect(seen.filter((found) => found === policy).length).toBeGreaterThan(1);
    expect(ecr().remaining()).toEqual([]);
  });

  test('a token is whoever asked for it, for twelve hours', async () => {
    const { authorizationData: [{ authorizationToken }] } = await call('GetAuthorizationToken', {}, role);
    const [user, password] = Buffer.from(authorizationToken, 'base64').toString().split(':');
    expect(user).toBe('AWS');
    expect(ecr().principalOfToken(password!)).toEqual(role);
    await world.clock.advance(12 * 3_600_000);
    expect(ecr().principalOfToken(password!)).toBeUndefined();
  });
});
