import { S3Client } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

// Lines of metrics go through the console, where a test can read them; the handler's own lines are not what is tested.
process.env.POWERTOOLS_DEV = 'true';
process.env.POWERTOOLS_METRICS_DISABLED = 'false';
process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';

export const packageArn = (version: number) => `arn:aws:sagemaker:us-east-1:123456789012:model-package/flights/${version}`;

/** Buckets and an endpoint made for a test; what was asked of S3 is in `calls`, metrics in `metrics`. */
export class FakeWorld {
  readonly objects = new Map<string, { body: Buffer; etag: string }>();
  readonly metrics: Array<Record<string, number>> = [];
  calls: Array<{ name: string; key: string }> = [];
  /** S3 answers with a failure for these keys. */
  failing: RegExp | undefined;
  live: { version: number; since: Date } | undefined = { version: 1, since: new Date(0) };
  private writes = 0;

  constructor() {
    jest.spyOn(S3Client.prototype, 'send').mockImplementation(async (command: any) => this.s3(command.constructor.name, command.input));
    jest.spyOn(SageMakerClient.prototype, 'send').mockImplementation(async (command: any) => this.sagemaker(command.constructor.name, command.input));
    jest.spyOn(console, 'log').mockImplementation((line: string) => {
      const { _aws, ...values } = JSON.parse(line);
      if (_aws) this.metrics.push(Object.fromEntries(_aws.CloudWatchMetrics[0].Metrics.map(({ Name }: any) => [Name, [values[Name]].flat()[0]])));
    });
  }

  put(bucket: string, key: string, body: string | Uint8Array): void {
    this.objects.set(`${bucket}/${key}`, { body: Buffer.from(body), etag: `"${this.writes++}"` });
  }

  json(bucket: string, key: string): any {
    return JSON.parse(this.objects.get(`${bucket}/${key}`)!.body.toString());
  }

  keys(name: string, part = ''): string[] {
    return this.calls.filter((call) => call.name === name && call.key.includes(part)).map(({ key }) => key);
  }

  private s3(name: string, { Bucket, Key = '', Prefix, Body }: any): any {
    this.calls.push({ name: name.replace('Command', ''), key: Key });
    if (this.failing?.test(Key)) throw Object.assign(new Error('slow down'), { name: 'SlowDown' });
    if (name === 'PutObjectCommand') return this.put(Bucket, Key, Body);
    if (name === 'ListObjectsV2Command') {
      const found = [...this.objects].filter(([key]) => key.startsWith(`${Bucket}/${Prefix}`)).sort(([a], [b]) => (a < b ? -1 : 1));
      return { Contents: found.map(([key, { body, etag }]) => ({ Key: key.slice(Bucket.length + 1), ETag: etag, Size: body.length })) };
    }
    const { body } = this.objects.get(`${Bucket}/${Key}`)!;
    async function* stream() { for (let at = 0; at < body.length; at += 1000) yield body.subarray(at, at + 1000); }
    return { Body: Object.assign(stream(), { transformToByteArray: async () => new Uint8Array(body) }) };
  }

  private sagemaker(name: string, input: any): any {
    switch (name) {
      case 'DescribeEndpointCommand':
        if (!this.live) throw Object.assign(new Error('Could not find endpoint'), { name: 'ValidationException' });
        return { EndpointArn: 'arn', EndpointConfigName: 'config', EndpointStatus: 'InService', CreationTime: new Date(0), LastModifiedTime: this.live.since };
      case 'DescribeEndpointConfigCommand': return { ProductionVariants: [{ ModelName: 'model' }] };
      case 'DescribeModelCommand': return { Containers: [{ ModelPackageName: packageArn(this.live!.version) }] };
      case 'ListTagsCommand': return { Tags: [] };
      default: {
        const uri = (file: string) => ({ Statistics: { S3Uri: `s3://artifacts/runs/${input.ModelPackageName.split('/').at(-1)}/${file}` } });
        return { ModelMetrics: { ModelQuality: uri('evaluation.json') }, DriftCheckBaselines: { ModelDataQuality: uri('statistics.json') } };
      }
    }
  }
}
