import { ARTIFACT_KEYS } from '../../../../lib/data/artifact-keys.contract';
import { expectEqual, expectThat } from '../expectations';
import type { Loop } from '../loop';

/** What a package says of itself is what happened in its run. */
export async function packageTellsTheTruth(loop: Loop, packageArn: string): Promise<void> {
  const { artifactsBucket } = loop.names;
  const found = await loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: packageArn });
  const told = found.CustomerMetadataProperties;
  const snapshot = await loop.account.readJson(artifactsBucket, ARTIFACT_KEYS.snapshot(told.run));
  const judgement = await loop.account.readJson(artifactsBucket, ARTIFACT_KEYS.judgement(told.run));
  expectEqual('a package names the data it was trained on', told['dataset-fingerprint'], snapshot.fingerprint);
  expectEqual('a package names the span it was trained on', [told['trained-from'], told['trained-until']], [snapshot.trainedFrom, snapshot.trainedUntil]);
  expectEqual('a package names its score', [told.metric, told.score], [judgement.metric, String(judgement.candidateValue)]);
  expectEqual('a package says why it was registered', found.ModelPackageDescription, judgement.reason);
  expectThat('a package names its code', /^\S+$/.test(told['code-revision'] ?? ''), `it names '${told['code-revision']}'`);
  const [{ Image, ModelDataUrl }] = found.InferenceSpecification.Containers;
  expectEqual('a package names its image by digest', told['image-uri'], Image);
  expectThat('a package names its image by digest', /@sha256:/.test(Image), Image);
  const { Statistics, Constraints } = found.DriftCheckBaselines.ModelDataQuality;
  for (const [of, uri] of [['models', ModelDataUrl], ...[told['probe-uri'], Statistics.S3Uri, Constraints?.S3Uri, found.ModelMetrics.ModelQuality.Statistics.S3Uri].map((each) => ['runs', each])]) {
    expectThat('a package names what its own run has left', uri?.startsWith(`s3://${artifactsBucket}/${of}/${told.run}/`) && await exists(loop, uri), `it names ${uri}`);
  }
}

/** The retrained model was compared, on the same rows, with the one that serves. */
export async function championWasBeaten(loop: Loop, packageArn: string): Promise<void> {
  const { CustomerMetadataProperties } = await loop.call('sagemaker', 'DescribeModelPackage', { ModelPackageName: packageArn });
  const { candidateValue, championValue } = await loop.account.readJson(loop.names.artifactsBucket, ARTIFACT_KEYS.judgement(CustomerMetadataProperties.run));
  expectThat('a candidate is compared with the champion', typeof championValue === 'number' && candidateValue > championValue, `${candidateValue} against ${championValue}`);
}

async function exists(loop: Loop, uri: string | undefined): Promise<boolean> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri ?? '') ?? [];
  return bucket !== undefined && (await loop.account.keys(bucket, key!)).includes(key!);
}
