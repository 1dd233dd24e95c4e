import { ADMINISTRATOR } from '../service';
import { Twin } from '../twin';
import type { ServeOptions } from './options';
import { Pace } from './pace';

/** Calls that are remembered; jobs look back at the newest ones only. */
const MAX_RECORD = 100_000;

export interface TwinServer {
  readonly twin: Twin;
  /** What a client's environment has to hold, the administrator's keys included. */
  readonly environment: Readonly<Record<string, string>>;
  /** Settles when the server was stopped; rejects if the twin failed. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** An empty account that listens, its clock running. */
export async function serve({ speed, ...options }: ServeOptions): Promise<TwinServer> {
  const twin = await listening(options);
  const pace = new Pace(twin.clock, speed);
  const forget = setInterval(() => {
    // While something is in flight it may be looking at what it was called for.
    if (twin.clock.inFlight().length === 0 && twin.record.length > MAX_RECORD) twin.record.splice(0, twin.record.length - MAX_RECORD / 2);
  }, 1_000);
  const ended = pace.run().finally(async () => {
    clearInterval(forget);
    await twin.stop();
  });
  ended.catch(() => undefined); // whoever started the server awaits it too
  const { accessKeyId, secretAccessKey, sessionToken } = twin.credentialsFor(ADMINISTRATOR);
  return {
    twin, ended,
    environment: {
      AWS_ENDPOINT_URL: twin.endpoint, AWS_REGION: twin.region, AWS_DEFAULT_REGION: twin.region,
      AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken,
    },
    stop: async () => {
      pace.stop();
      await ended;
    },
  };
}

async function listening(options: Omit<ServeOptions, 'speed'>): Promise<Twin> {
  try {
    return await Twin.start(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${options.port} is taken; give another with --port, or 0 for any that is free`, { cause: error });
  }
}
