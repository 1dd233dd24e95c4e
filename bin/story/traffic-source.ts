import { Account } from './account';
import { featuresLine, labelledCsv, type Flight, type Flights, type Traffic } from './flights';
import type { Scored } from './scores';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** An answer of the endpoint, or the status it failed with. */
export interface Answer extends Scored {
  readonly time: number;
  readonly error?: string;
}

/** Asks the endpoint about every flight at the moment of its departure, and hands in the labelled flights of a day after midnight. */
export class TrafficSource {
  readonly answers: Answer[] = [];
  private uploadedUntil: number;

  constructor(private readonly account: Account, private readonly flights: Flights, private readonly prefix: string) {
    this.uploadedUntil = startOfDay(account.twin.clock.now());
  }

  /** Runs until `until`, an hour at a time; stops early once `condition`, asked at every full hour, holds. */
  async run(traffic: Traffic, until: number, condition: () => Promise<boolean> = async () => false): Promise<boolean> {
    const { clock } = this.account.twin;
    while (clock.now() < until) {
      const next = Math.min(until, startOfHour(clock.now()) + HOUR);
      for (const flight of this.flights.during(clock.date(), new Date(next), traffic)) this.schedule(flight);
      await clock.advanceTo(next);
      await this.handIn(traffic);
      if (await condition()) return true;
    }
    return condition();
  }

  private schedule(flight: Flight): void {
    const { clock } = this.account.twin;
    clock.at(flight.departure.getTime(), 'a request', async () => {
      this.answers.push(await ask(this.account, flight));
    });
  }

  /** Whether a flight was late is known the day after. */
  private async handIn(traffic: Traffic): Promise<void> {
    const today = startOfDay(this.account.twin.clock.now());
    for (; this.uploadedUntil < today; this.uploadedUntil += DAY) {
      const day = new Date(this.uploadedUntil);
      const flights = this.flights.during(day, new Date(this.uploadedUntil + DAY), traffic);
      await this.account.upload(this.account.names.dataBucket, `${this.prefix}${day.toISOString().slice(0, 10)}.csv`, labelledCsv(flights));
    }
  }
}

export async function ask(account: Account, flight: Flight): Promise<Answer> {
  const time = account.twin.clock.now();
  try {
    const { Body } = await account.call('sagemaker', 'InvokeEndpoint', {
      EndpointName: account.names.endpoint, ContentType: 'text/csv', Accept: 'text/csv', Body: Buffer.from(featuresLine(flight)),
    });
    return { time, label: flight.late, score: Number(Buffer.from(Body).toString('utf8')) };
  } catch (error) {
    return { time, label: flight.late, score: NaN, error: (error as Error).name };
  }
}

function startOfDay(time: number): number {
  return Math.floor(time / DAY) * DAY;
}

function startOfHour(time: number): number {
  return Math.floor(time / HOUR) * HOUR;
}
