import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { createInterface } from 'node:readline';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { Connection } from './cloud';
import type { Options } from './options';

const TWIN = path.resolve(__dirname, '../../twin/bin/cdk-mlops-twin.js');
const POLL_FASTER = path.join(__dirname, 'poll-faster.cjs');

/** Virtual seconds in a real one. */
const TWIN_SPEED = 600;

/** Where the run takes place: the rest of the program knows no more of it than this. */
export interface Place {
  readonly isTwin: boolean;
  readonly speed: number;
  readonly connection: Connection;
  /** Environment of the CDK command line. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function placeOf({ profile, region, seed }: Options): Promise<Place> {
  return profile === undefined ? twin(seed) : account(profile, region);
}

async function account(profile: string, given: string | undefined): Promise<Place> {
  // Keys and addresses that the shell happens to have set come before the profile's, for the SDK and the command line alike.
  for (const name of Object.keys(process.env)) if (/^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|ENDPOINT_URL.*)$/.test(name)) delete process.env[name];
  let region = given;
  try {
    region ??= await new SFNClient({ profile } as object).config.region();
  } catch (error) {
    throw new Error(`profile '${profile}' names no region; give one with --region`, { cause: error });
  }
  return {
    isTwin: false, speed: 1, connection: { region, profile }, stop: async () => undefined,
    environment: { ...process.env as Record<string, string>, AWS_PROFILE: profile, AWS_REGION: region, AWS_DEFAULT_REGION: region },
  };
}

async function twin(seed: number): Promise<Place> {
  const child = spawn(process.execPath, [TWIN, 'serve', '--port', '0', '--speed', String(TWIN_SPEED), '--seed', String(seed)], {
    // A group of its own: an interrupt from the keyboard is for this program, which still has to clean up on the twin.
    stdio: ['ignore', 'pipe', 'inherit'], detached: true,
  });
  process.once('exit', () => { child.kill('SIGKILL'); });
  const exported = await environmentOf(child);
  return {
    isTwin: true, speed: TWIN_SPEED,
    connection: {
      region: exported.AWS_REGION!, endpoint: exported.AWS_ENDPOINT_URL,
      credentials: { accessKeyId: exported.AWS_ACCESS_KEY_ID!, secretAccessKey: exported.AWS_SECRET_ACCESS_KEY!, sessionToken: exported.AWS_SESSION_TOKEN },
    },
    environment: {
      ...process.env as Record<string, string>, ...exported, NODE_OPTIONS: `--require ${POLL_FASTER}`, AWS_EC2_METADATA_DISABLED: 'true',
    },
    stop: async () => {
      if (child.exitCode !== null) throw new Error(`the twin ended by itself with code ${child.exitCode}`);
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function environmentOf(child: ChildProcess): Promise<Record<string, string>> {
  const exported: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout! })) {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(line) ?? [];
    if (name === undefined) return exported;
    exported[name] = value!;
  }
  throw new Error('the twin ended before it listened');
}
