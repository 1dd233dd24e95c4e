import { featuresLine, type Flight } from '../../bin/story/flights';
import { flightsDuring, type Season } from '../../test/loop/support/airline';
import { CHANGED, ORDINARY } from './data';
import { Interrupted, type Tempo } from './tempo';
import type { Cloud } from './cloud';

const HOUR = 3_600_000;
/** Seconds of the account between two requests. */
const INTERVAL = 10;
/** Flights to be asked about, round and round. */
const SAMPLE = 500;

export interface Answers {
  readonly answered: number;
  /** By HTTP status, or name of the error. */
  readonly failed: Readonly<Record<string, number>>;
}

/** Share of the requests that may fail on a healthy endpoint: networks do. */
const MOST_FAILURES = 0.005;

export function describeAnswers({ answered, failed }: Answers): string {
  const failures = Object.entries(failed).map(([kind, count]) => `${count} of ${kind}`).join(', ');
  return `${answered} answered, ${failures === '' ? 'none failed' : `failed: ${failures}`}`;
}

export function isHealthy({ answered, failed }: Answers): boolean {
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
  return answered > 0 && failures <= answered * MOST_FAILURES;
}

/** Asks the endpoint, steadily, in the background. */
export class Traffic {
  season: Season = ORDINARY;
  private counts = { answered: 0, failed: {} as Record<string, number> };
  private running?: Promise<void>;
  private stopped = false;

  constructor(private readonly cloud: Cloud, private readonly tempo: Tempo) {}

  start(endpoint: string): void {
    this.stopped = false;
    this.running ??= this.flow(endpoint);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    this.running = undefined;
  }

  /** The answers since the last time that this was asked. */
  take(): Answers {
    const taken = this.counts;
    this.counts = { answered: 0, failed: {} };
    return taken;
  }

  private async flow(endpoint: string): Promise<void> {
    const samples = new Map([ORDINARY, CHANGED].map((season): [Season, Flight[]] => [season, flightsDuring(0, SAMPLE / 50 * HOUR, season, 50)]));
    for (let index = 0; !this.stopped; index++) {
      const flights = samples.get(this.season)!;
      await this.ask(endpoint, flights[index % flights.length]!);
      try {
        await this.tempo.sleep(INTERVAL);
      } catch (error) {
        if (error instanceof Interrupted) return;
        throw error;
      }
    }
  }

  private async ask(endpoint: string, flight: Flight): Promise<void> {
    try {
      const { Body } = await this.cloud.call('sagemaker', 'InvokeEndpoint', {
        EndpointName: endpoint, ContentType: 'text/csv', Accept: 'text/csv', Body: Buffer.from(featuresLine(flight)),
      });
      if (Number.isNaN(Number(Buffer.from(Body).toString('utf8')))) this.count('no number');
      else this.counts.answered++;
    } catch (error) {
      const { name, OriginalStatusCode, $metadata } = error as Error & { OriginalStatusCode?: number; $metadata?: { httpStatusCode?: number } };
      this.count(String(OriginalStatusCode ?? $metadata?.httpStatusCode ?? name));
    }
  }

  private count(failure: string): void {
    this.counts.failed[failure] = (this.counts.failed[failure] ?? 0) + 1;
  }
}
