import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { tar } from '../../../twin/jobs/archive';
import type { Run } from '../run';
import { DOCKER_MANIFEST, servedImage, type ServedImage } from './images';
import type { Question } from './question';
import { settled } from './releases';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

const SERVER = 'flight_delay/serve.py';
const SOURCE = path.resolve(__dirname, '../../../examples/flight-delay', SERVER);
/** Where the example's Dockerfile copies it. */
const IN_IMAGE = `opt/program/${SERVER}`;
const REQUESTS = 12;
const METRICS = ['Invocations', 'InvocationModelErrors', 'Invocation5XXErrors', 'Invocation4XXErrors'];
/** Metrics come within about this many minutes. */
const DELAY = 5;

/** The served model behind a server that closes the connection instead of answering, at an endpoint of the run's own. */
export const requestsWithoutAnAnswer: Question = {
  name: 'requests-without-an-answer',
  changes: 'endpoint',
  async ask(run) {
    const { cloud, tempo, names, settings } = run;
    const image = await servedImage(run);
    const name = `${names.probe}-silent`;
    const digest = await withLayer(run, image);
    await cloud.call('sagemaker', 'CreateModel', { ModelName: name, ExecutionRoleArn: image.roleArn, PrimaryContainer: { Image: `${image.uri}@${digest}`, ModelDataUrl: image.modelDataUrl }, Tags: names.tags });
    const ProductionVariants = [{ VariantName: 'main', ModelName: name, InstanceType: settings.instanceType, InitialInstanceCount: 1, InitialVariantWeight: 1 }];
    await cloud.call('sagemaker', 'CreateEndpointConfig', { EndpointConfigName: name, ProductionVariants, Tags: names.tags });
    await cloud.call('sagemaker', 'CreateEndpoint', { EndpointName: name, EndpointConfigName: name, Tags: names.tags });
    const endpoint = await settled(run, name);
    if (endpoint.EndpointStatus !== 'InService') throw new Error(`endpoint ${name} is ${endpoint.EndpointStatus}: ${endpoint.FailureReason}`);
    const failures = new Set<string>();
    for (let request = 0; request < REQUESTS; request++) {
      await cloud.call('sagemaker', 'InvokeEndpoint', { EndpointName: name, ContentType: 'text/csv', Body: Buffer.from('17,5,733,ORD,LGA') })
        .then(() => failures.add('answered'), (error: any) => failures.add(`${error.name}: ${String(error.message).slice(0, 160)}`));
      await tempo.sleep(10);
    }
    await tempo.sleep(DELAY * 60);
    const counts = Object.fromEntries(await Promise.all(METRICS.map(async (metric) => [metric, await count(run, name, metric)])));
    await cloud.call('sagemaker', 'DeleteEndpoint', { EndpointName: name });
    const counted = METRICS.slice(1).filter((metric) => counts[metric] > 0);
    return {
      answer: counted.length === 0 ? 'a request that is not answered counts as no error' : `a request that is not answered counts as ${counted.join(' and ')}`,
      evidence: `${REQUESTS} requests: ${METRICS.map((metric) => `${metric} ${counts[metric]}`).join(', ')}; callers are told ${[...failures].join(' | ')}`,
    };
  },
};

/** The image with one more layer, and no Docker: its digest. */
async function withLayer(run: Run, { repositoryName, digest }: ServedImage): Promise<string> {
  const { cloud, names } = run;
  const source = readFileSync(SOURCE, 'utf8');
  const silent = source.replace('    def do_POST(self):\n', '    def do_POST(self):\n        self.close_connection = True\n        return\n');
  if (silent === source) throw new Error(`${SOURCE} has no method do_POST`);
  const archive = tar([{ path: IN_IMAGE, content: Buffer.from(silent) }]);
  const { images: [found] } = await cloud.call('ecr', 'BatchGetImage', { repositoryName, imageIds: [{ imageDigest: digest }], acceptedMediaTypes: [DOCKER_MANIFEST] });
  const manifest = JSON.parse(found.imageManifest);
  const { downloadUrl } = await cloud.call('ecr', 'GetDownloadUrlForLayer', { repositoryName, layerDigest: manifest.config.digest });
  const description: any = await (await fetch(downloadUrl)).json();
  description.rootfs.diff_ids.push(digestOf(archive));
  (description.history ??= []).push({ created_by: 'acceptance: a server that does not answer' });
  const layer = { ...manifest.layers[0], ...await upload(run, repositoryName, gzipSync(archive)) };
  const config = { ...manifest.config, ...await upload(run, repositoryName, Buffer.from(JSON.stringify(description))) };
  const imageManifest = JSON.stringify({ ...manifest, config, layers: [...manifest.layers, layer] });
  await cloud.call('ecr', 'PutImage', { repositoryName, imageTag: `${names.probe}-silent`, imageManifestMediaType: DOCKER_MANIFEST, imageManifest });
  return digestOf(imageManifest);
}

async function upload({ cloud }: Run, repositoryName: string, blob: Buffer): Promise<{ size: number; digest: string }> {
  const digest = digestOf(blob);
  const { uploadId } = await cloud.call('ecr', 'InitiateLayerUpload', { repositoryName });
  await cloud.call('ecr', 'UploadLayerPart', { repositoryName, uploadId, partFirstByte: 0, partLastByte: blob.length - 1, layerPartBlob: blob.toString('base64') });
  await cloud.call('ecr', 'CompleteLayerUpload', { repositoryName, uploadId, layerDigests: [digest] });
  return { size: blob.length, digest };
}

async function count({ cloud }: Run, endpoint: string, MetricName: string): Promise<number> {
  const { Datapoints = [] } = await cloud.call('monitoring', 'GetMetricStatistics', {
    Namespace: 'AWS/SageMaker', MetricName, Dimensions: [{ Name: 'EndpointName', Value: endpoint }, { Name: 'VariantName', Value: 'main' }],
    // The endpoint is the run's own: whatever it counts was counted now, by whatever clock.
    StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 30 * 86_400_000), Period: 3_600, Statistics: ['Sum'],
  });
  return Datapoints.reduce((sum: number, { Sum }: { Sum: number }) => sum + Sum, 0);
}

function digestOf(content: Buffer | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
