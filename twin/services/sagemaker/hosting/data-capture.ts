import { AwsError, Principal } from '../../../service';
import { World } from '../../../world';
import { DataCaptureSettings } from './state';

const MINUTE = 60_000;
/** Records wait this long before they are written, and at most that much longer. */
const DELIVERY_DELAY = 3 * MINUTE;
const DELIVERY_SPREAD = 3 * MINUTE;
const RECORDS_PER_FILE = 1_000;

export interface Exchange {
  readonly request: { readonly body: Uint8Array; readonly contentType: string };
  readonly response: { readonly body: Uint8Array; readonly contentType: string };
  readonly inferenceId?: string;
}

interface Batch {
  readonly key: string;
  readonly lines: string[];
}

/** Writes what goes in and out of one variant to S3, a few minutes late, as the endpoint's execution role. */
export class DataCapture {
  /** Files that could not be written: SageMaker drops them without a word. */
  lostFiles = 0;
  samplingPercentage: number;
  private readonly batches = new Map<string, Batch>();
  private readonly modes: { readonly input: boolean; readonly output: boolean };
  private readonly bucket: string;
  private readonly prefix: string;
  private readonly encodings = new Map<string, 'CSV' | 'JSON'>();

  constructor(private readonly world: World, private readonly settings: DataCaptureSettings, private readonly role: Principal, endpoint: string, variant: string) {
    const modes = settings.CaptureOptions.map(({ CaptureMode }) => CaptureMode);
    this.modes = { input: modes.some((mode) => mode !== 'Output'), output: modes.some((mode) => mode !== 'Input') };
    this.samplingPercentage = settings.InitialSamplingPercentage;
    const [, bucket, path] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(settings.DestinationS3Uri)!;
    this.bucket = bucket!;
    // A destination that ends in a slash gives keys with two of them, as on AWS.
    this.prefix = `${path === '' ? '' : `${path}/`}${endpoint}/${variant}`;
    for (const type of settings.CaptureContentTypeHeader?.CsvContentTypes ?? []) this.encodings.set(type.toLowerCase(), 'CSV');
    for (const type of settings.CaptureContentTypeHeader?.JsonContentTypes ?? []) this.encodings.set(type.toLowerCase(), 'JSON');
  }

  /**
   * Whether this request is in the sample, and if so how to record it once it is answered. All chance is drawn here: answers
   * arrive in an order that only reality knows.
   */
  sample(): ((exchange: Exchange) => void) | undefined {
    if (this.samplingPercentage < 100 && this.world.random.next() * 100 >= this.samplingPercentage) return undefined;
    const now = this.world.clock.date();
    const hour = now.toISOString().slice(0, 13);
    const batch = this.batches.get(hour) ?? this.open(hour, now);
    const eventId = this.world.random.uuid();
    return (exchange) => {
      batch.lines.push(this.line(exchange, eventId, now));
      if (batch.lines.length === RECORDS_PER_FILE) this.world.clock.after(0, 'sagemaker: write captured data', () => this.write(hour, batch));
    };
  }

  /** Writes what is waiting. */
  async flush(): Promise<void> {
    for (const [hour, batch] of [...this.batches]) await this.write(hour, batch);
  }

  private open(hour: string, now: Date): Batch {
    const [day, hours] = hour.split('T');
    const clock = now.toISOString().slice(14, 23).replace(/[:.]/g, '-');
    const batch: Batch = { key: `${this.prefix}/${day!.replace(/-/g, '/')}/${hours}/${clock}-${this.world.random.uuid()}.jsonl`, lines: [] };
    this.batches.set(hour, batch);
    const delay = DELIVERY_DELAY + this.world.random.integer(DELIVERY_SPREAD);
    this.world.clock.after(delay, 'sagemaker: write captured data', () => this.write(hour, batch));
    return batch;
  }

  private async write(hour: string, batch: Batch): Promise<void> {
    if (this.batches.get(hour) !== batch) return;
    this.batches.delete(hour);
    if (batch.lines.length === 0) return;
    const { KmsKeyId } = this.settings;
    const input = {
      Bucket: this.bucket, Key: batch.key, Body: Buffer.from(batch.lines.join('')),
      ...(KmsKeyId !== undefined && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KmsKeyId }),
    };
    try {
      await this.world.call({ service: 's3', operation: 'PutObject', input, caller: this.role });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.lostFiles++;
    }
  }

  private line({ request, response, inferenceId }: Exchange, eventId: string, time: Date): string {
    return `${JSON.stringify({
      captureData: {
        ...(this.modes.input && { endpointInput: this.payload(request, 'INPUT') }),
        ...(this.modes.output && { endpointOutput: this.payload(response, 'OUTPUT') }),
      },
      eventMetadata: {
        eventId,
        ...(inferenceId !== undefined && { inferenceId }),
        inferenceTime: `${time.toISOString().slice(0, 19)}Z`,
      },
      eventVersion: '0',
    })}\n`;
  }

  /** A body goes in as it came, line ends included; of a content type that is not listed, in base64. */
  private payload({ body, contentType }: Exchange['request'], mode: 'INPUT' | 'OUTPUT') {
    const encoding = this.encodings.get(contentType.split(';')[0]!.trim().toLowerCase());
    const data = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    return { observedContentType: contentType, mode, data: data.toString(encoding ? 'utf8' : 'base64'), encoding: encoding ?? 'BASE64' };
  }
}
