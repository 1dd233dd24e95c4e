import { Account, type Execution } from '../../../bin/story/account';
import { featuresLine, LABEL, labelledCsv, TIME } from '../../../bin/story/flights';
import { namesOf } from '../../../bin/story/names';
import { ask } from '../../../bin/story/traffic-source';
import { Twin, type CallRecord, type TwinOptions } from '../../../twin';
import type { SnsService } from '../../../twin/services/sns';
import { COAST, flightsDuring, type Season } from './airline';
import { expectThat } from './expectations';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Prefix of the dataset in its bucket. */
export const PREFIX = 'flights/';
/** Labelled flights that are handed in, and requests that are made, each hour. */
const LABELLED_PER_HOUR = 40;
const REQUESTS_PER_HOUR = 20;

/** When every short loop begins; a Thursday. */
export const START = new Date('2001-02-01T00:00:00Z');

/** A stack deployed on the twin, with the people, the data and the traffic around it. */
export class Loop {
  static async deploy(assembly: string, options: TwinOptions = {}): Promise<Loop> {
    const twin = await Twin.fromAssembly(assembly, { startTime: START, ...options });
    try {
      const outputs = await twin.deploy();
      return new Loop(new Account(twin, namesOf(outputs)), Object.keys(outputs)[0]!);
    } catch (error) {
      await twin.stop();
      throw error;
    }
  }

  /** What the airline flies now, in requests and in labelled rows alike. */
  season: Season = COAST;
  /** The column that labels the flights handed in. */
  label = LABEL;
  /** The column with the time of a flight. */
  time = TIME;
  failedRequests = 0;
  private handedInUntil = START.getTime();

  constructor(readonly account: Account, readonly stackName: string) {}

  get twin(): Twin {
    return this.account.twin;
  }

  get names(): Account['names'] {
    return this.account.names;
  }

  get now(): number {
    return this.twin.clock.now();
  }

  call(service: string, operation: string, input: Record<string, unknown> = {}): Promise<any> {
    return this.account.call(service, operation, input);
  }

  /** Subject and text of every mail since `time`. */
  mails(since = 0): Array<{ time: number; text: string }> {
    return this.twin.service<SnsService>('sns').inbox.filter(({ time }) => time >= since)
      .map(({ time, subject = '', message }) => ({ time, text: `${subject}\n${message}` }));
  }

  /** What was called, by name of the operation. */
  calls(operation: string, since = 0): CallRecord[] {
    return this.twin.record.filter((call) => call.operation === operation && call.time >= since);
  }

  advance(minutes: number): Promise<void> {
    return this.twin.advance({ minutes });
  }

  /** Minute by minute, without traffic, until it holds. */
  async until(expectation: string, condition: () => Promise<boolean>, limitMinutes: number): Promise<void> {
    for (let minute = 0; minute <= limitMinutes; minute++) {
      if (await condition()) return;
      await this.advance(1);
    }
    expectThat(expectation, false, `not within ${limitMinutes} minutes of virtual time`);
  }

  /** Days of labelled flights that end with `until`, one file a day. */
  async handInDays(days: number, until = START.getTime()): Promise<void> {
    for (let day = until - days * DAY; day < until; day += DAY) {
      await this.handInFlights(new Date(day).toISOString().slice(0, 10), day, day + DAY);
    }
  }

  /** The marker that says: these data are complete. */
  async markComplete(): Promise<void> {
    await this.account.upload(this.names.dataBucket, `${PREFIX}_SUCCESS`, '');
  }

  /** Serves an hour at a time: requests, and the labelled flights of the hour, until it holds. */
  async serveUntil(expectation: string, condition: () => Promise<boolean>, limitHours: number): Promise<void> {
    for (let hour = 0; hour <= limitHours; hour++) {
      if (await condition()) return;
      await this.serveHour();
    }
    expectThat(expectation, false, `not within ${limitHours} hours of virtual time`);
  }

  /** Until the next full hour. */
  async serveHour(): Promise<void> {
    const end = Math.floor(this.now / HOUR) * HOUR + HOUR;
    for (const flight of flightsDuring(this.now, end, this.season, REQUESTS_PER_HOUR)) {
      this.twin.clock.at(flight.departure.getTime(), 'a request', async () => {
        if ((await ask(this.account, flight)).error !== undefined) this.failedRequests++;
      });
    }
    await this.twin.clock.advanceTo(end);
    const from = Math.max(this.handedInUntil, end - HOUR);
    await this.handInFlights(new Date(from).toISOString().slice(0, 13), from, end);
    this.handedInUntil = end;
  }

  /** One request, as a client makes it; the answer's text. */
  async ask(): Promise<string> {
    const [flight] = flightsDuring(this.now, this.now + 2 * HOUR, this.season, REQUESTS_PER_HOUR);
    const { Body } = await this.call('sagemaker', 'InvokeEndpoint', {
      EndpointName: this.names.endpoint, ContentType: 'text/csv', Accept: 'text/csv', Body: Buffer.from(featuresLine(flight!)),
    });
    return Buffer.from(Body).toString('utf8').trim();
  }

  /** The newest execution, once it has ended; one that was there already at `after` does not count. */
  async ended(pipeline: string, after: number, limitMinutes: number): Promise<Execution> {
    let newest: Execution | undefined;
    await this.until(`${pipeline} runs and comes to an end`, async () => {
      newest = (await this.account.executions(pipeline)).find(({ startTime }) => startTime.getTime() >= after);
      return newest !== undefined && newest.status !== 'InProgress';
    }, limitMinutes);
    return newest!;
  }

  async expectSucceeded(pipeline: string, { status, pipelineExecutionId }: Execution): Promise<void> {
    expectThat(`a run of ${pipeline} succeeds`, status === 'Succeeded', `it is ${status}: ${await this.account.failure(pipeline, pipelineExecutionId)}`);
  }

  /** The key of everything in the loop. */
  async keyArn(): Promise<string> {
    return this.twin.arn('kms', `key/${await this.resource('AWS::KMS::Key', 'LoopKey')}`);
  }

  /** The stack's only resource of this type, its physical id; or that whose logical id holds `part`. */
  async resource(type: string, part = ''): Promise<string> {
    const { StackResourceSummaries } = await this.call('cloudformation', 'ListStackResources', { StackName: this.stackName });
    const found = StackResourceSummaries.filter((each: any) => each.ResourceType === type && each.LogicalResourceId.includes(part));
    if (found.length !== 1) throw new Error(`the stack has ${found.length} resources of ${type} named '${part}'`);
    return found[0].PhysicalResourceId;
  }

  private async handInFlights(name: string, from: number, to: number): Promise<void> {
    const flights = flightsDuring(from, to, this.season, LABELLED_PER_HOUR);
    await this.account.upload(this.names.dataBucket, `${PREFIX}${name}.csv`, labelledCsv(flights).replace(LABEL, this.label).replace(TIME, this.time));
  }
}
