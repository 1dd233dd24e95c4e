import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** One flight as the model sees it. */
export interface Flight {
  /** Departure; the table's local time taken as UTC. */
  readonly departure: Date;
  readonly hour: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  /** Miles. */
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
  /** More than fifteen minutes. */
  readonly late: boolean;
}

/** Which of the real flights make up the traffic, and by how much their departures are moved. */
export interface Traffic {
  readonly name: string;
  /** `place` counts the flights of the same hour, from 0. */
  keep(flight: { place: number; distance: number; origin: string; destination: string }): boolean;
  /** Minutes by which every departure is later than in reality. */
  readonly laterByMinutes?: number;
}

/** A fixed sample of each hour's flights, 1 in `n`. */
export const oneIn = (n: number): Traffic => ({ name: `one in ${n}`, keep: ({ place }) => place % n === 0 });

/** Every flight, and only those, of more than `miles`. */
export const fartherThan = (miles: number): Traffic => ({ name: `over ${miles} miles`, keep: ({ distance }) => distance > miles });

export const hubClosed = (hub: string, traffic: Traffic): Traffic => ({
  ...traffic,
  name: `${traffic.name}, ${hub} closed`,
  keep: (flight) => flight.origin !== hub && flight.destination !== hub && traffic.keep(flight),
});

export const later = (minutes: number, traffic: Traffic): Traffic => ({
  ...traffic,
  name: `${traffic.name}, ${minutes} minutes later`,
  laterByMinutes: (traffic.laterByMinutes ?? 0) + minutes,
});

const EPOCH = Date.UTC(2001, 0, 1);
const MINUTE = 60_000;
const LATE_AFTER_MINUTES = 15;
/** 2001-01-01 was a Monday. */
const FIRST_WEEKDAY = 1;

export const FEATURES = ['hour', 'weekday', 'distance', 'origin', 'destination'] as const;

/** One line of a request: the features, no label. */
export function featuresLine(flight: Flight): string {
  return FEATURES.map((name) => flight[name]).join(',');
}

export const LABEL = 'late';
export const TIME = 'departure';

/** A training file: header, time, label, features. */
export function labelledCsv(flights: readonly Flight[]): string {
  return [
    `${TIME},${LABEL},${FEATURES.join(',')}`,
    ...flights.map((flight) => `${flight.departure.toISOString()},${flight.late ? 1 : 0},${featuresLine(flight)}`),
    '',
  ].join('\n');
}

/** The three million flights of the first half of 2001 that `vega-datasets` carries, in columns, in the order of departure. */
export class Flights {
  private constructor(
    readonly length: number,
    private readonly minutes: Uint32Array,
    private readonly delays: Int16Array,
    private readonly distances: Uint16Array,
    private readonly origins: Uint16Array,
    private readonly destinations: Uint16Array,
    private readonly airports: readonly string[],
  ) {}

  /** Reads the table up to the row group that holds `until`; the whole of it takes about three seconds. */
  static async load(options: { until?: Date; file?: string } = {}): Promise<Flights> {
    const bytes = readFileSync(options.file ?? defaultFile());
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const metadata = await parquetMetadataAsync(file);
    const groups = metadata.row_groups.filter((group) => {
      const first = group.columns.find((column) => column.meta_data?.path_in_schema[0] === 'date')?.meta_data?.statistics?.min_value;
      return options.until === undefined || !(first instanceof Date) || first < options.until;
    });
    const length = groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    const codes = new Map<string, number>();
    const code = (airport: string): number => {
      const known = codes.get(airport);
      if (known !== undefined) return known;
      codes.set(airport, codes.size);
      return codes.size - 1;
    };
    const columns = {
      date: new Uint32Array(length),
      delay: new Int16Array(length),
      distance: new Uint16Array(length),
      origin: new Uint16Array(length),
      destination: new Uint16Array(length),
    };
    // Times stay numbers: three million Date objects would cost more than all the rest.
    const parsers = { timestampFromMicroseconds: (micros: bigint) => Number(micros) / 60e6 - EPOCH / MINUTE };
    let rowStart = 0;
    for (const group of groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      await parquetRead({
        file, metadata, compressors, rowStart, rowEnd, columns: Object.keys(columns), parsers: parsers as never,
        onChunk: ({ columnName, columnData, rowStart: at }) => {
          const target = columns[columnName as keyof typeof columns];
          const convert = columnName === 'origin' || columnName === 'destination' ? (value: unknown) => code(value as string) : Number;
          for (let index = 0; index < columnData.length; index++) target[at + index] = convert(columnData[index]);
        },
      });
      rowStart = rowEnd;
    }
    assertSorted(columns.date);
    return new Flights(length, columns.date, columns.delay, columns.distance, columns.origin, columns.destination, [...codes.keys()]);
  }

  /** The flights of the traffic that depart at or after `from` and before `to`. */
  during(from: Date, to: Date, traffic: Traffic): Flight[] {
    const shift = traffic.laterByMinutes ?? 0;
    const start = (from.getTime() - EPOCH) / MINUTE - shift;
    const end = (to.getTime() - EPOCH) / MINUTE - shift;
    const chosen: Flight[] = [];
    let hour = Math.floor(start / 60);
    // Places count from the start of the hour, so that a sample does not depend on where one begins to read.
    let index = this.firstAtOrAfter(hour * 60);
    let place = 0;
    for (; index < this.length && this.minutes[index]! < end; index++) {
      const minute = this.minutes[index]!;
      if (Math.floor(minute / 60) !== hour) {
        hour = Math.floor(minute / 60);
        place = 0;
      }
      const candidate = {
        place: place++,
        distance: this.distances[index]!,
        origin: this.airports[this.origins[index]!]!,
        destination: this.airports[this.destinations[index]!]!,
      };
      if (minute >= start && traffic.keep(candidate)) chosen.push(this.flight(index, minute + shift, candidate));
    }
    return chosen;
  }

  private flight(index: number, minute: number, { distance, origin, destination }: Pick<Flight, 'distance' | 'origin' | 'destination'>): Flight {
    const day = Math.floor(minute / (24 * 60));
    return {
      departure: new Date(EPOCH + minute * MINUTE),
      hour: Math.floor(minute / 60) % 24,
      weekday: (day + FIRST_WEEKDAY - 1) % 7 + 1,
      distance, origin, destination,
      late: this.delays[index]! > LATE_AFTER_MINUTES,
    };
  }

  private firstAtOrAfter(minute: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.minutes[middle]! < minute) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function defaultFile(): string {
  return path.resolve(path.dirname(require.resolve('vega-datasets')), '../data/flights-3m.parquet');
}

function assertSorted(minutes: Uint32Array): void {
  for (let index = 1; index < minutes.length; index++) {
    if (minutes[index]! < minutes[index - 1]!) throw new Error(`the flights are not in the order of departure: row ${index} is earlier than the one before`);
  }
}
