import { SFNClient } from '@aws-sdk/client-sfn';
import type { Connection } from './cloud';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the service's model */

/** Services of which no client is a dependency: AWS JSON, by target prefix and version as their API models give them. */
export const SIGNED_CALLS: Readonly<Record<string, { readonly target: string; readonly version: string; readonly host?: string }>> = {
  cloudtrail: { target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101', version: '1.1' },
  codebuild: { target: 'CodeBuild_20161006', version: '1.1' },
  ecr: { target: 'AmazonEC2ContainerRegistry_V20150921', version: '1.1', host: 'api.ecr' },
  kms: { target: 'TrentService', version: '1.1' },
  logs: { target: 'Logs_20140328', version: '1.1' },
  servicequotas: { target: 'ServiceQuotasV20190624', version: '1.1' },
  sqs: { target: 'AmazonSQS', version: '1.0' },
  ssm: { target: 'AmazonSSM', version: '1.1' },
  tagging: { target: 'ResourceGroupsTaggingAPI_20170126', version: '1.1' },
};

/** Throttling and failures of the service itself are tried again. */
const ATTEMPTS = 5;

/** Calls signed by the SDK's own signer, with the SDK's own credentials. */
export class SignedCalls {
  /** One for each service: a client's signer keeps the first service that it signed for. */
  private readonly signers = new Map<string, any>();

  constructor(private readonly connection: Connection) {}

  async call(service: string, operation: string, input: Record<string, unknown>): Promise<any> {
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await this.send(service, operation, input);
      if (status === 200) return body;
      const name = String(body.__type ?? 'UnknownError').replace(/^.*#/, '').replace(/:.*$/, '');
      const isPassing = [500, 502, 503, 504].includes(status) || /Throttl|TooManyRequests|LimitExceeded/.test(name);
      if (!isPassing || attempt === ATTEMPTS) throw Object.assign(new Error(body.message ?? body.Message ?? `${service}:${operation} was answered ${status}`), { name });
      await new Promise((resolve) => { setTimeout(resolve, 250 * 2 ** attempt); });
    }
  }

  private async send(service: string, operation: string, input: Record<string, unknown>): Promise<{ status: number; body: any }> {
    const { target, version, host = service } = SIGNED_CALLS[service]!;
    const { region, endpoint } = this.connection;
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const url = new URL(endpoint ?? `https://${host}.${region}.${suffix}`);
    const text = JSON.stringify(input);
    const { headers } = await (await this.signer(service)).sign({
      method: 'POST', protocol: url.protocol, hostname: url.hostname, port: url.port === '' ? undefined : Number(url.port), path: '/', body: text,
      headers: { host: url.host, 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${target}.${operation}` },
    });
    const response = await fetch(url, { method: 'POST', headers, body: text });
    const answer = await response.text();
    return { status: response.status, body: answer === '' ? {} : JSON.parse(answer) };
  }

  private async signer(service: string): Promise<any> {
    let config = this.signers.get(service);
    if (config === undefined) this.signers.set(service, config = new SFNClient({ ...this.connection }).config);
    return config.signer({ name: 'sigv4', signingName: service, signingRegion: this.connection.region, properties: {} });
  }
}
