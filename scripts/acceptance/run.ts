import type { Cdk } from './cdk';
import type { Cloud } from './cloud';
import type { Data } from './data';
import type { Log } from './log';
import type { Names } from './names';
import type { Execution } from './pipelines';
import type { Place } from './place';
import type { Told } from './questions';
import type { Recorder } from './questions/recorder';
import type { Tempo } from './tempo';
import type { Traffic } from './traffic';
import type { AppSettings } from './app-settings';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Names of what the stack made, as its outputs give them. */
export interface Deployed {
  readonly stackId: string;
  readonly dataBucket: string;
  readonly artifactsBucket: string;
  readonly endpoint: string;
  readonly packageGroup: string;
  readonly trainingPipeline: string;
  readonly releasePipeline: string;
  readonly driftAlarm: string;
  readonly monitor: string;
  readonly loop: string;
  /** How names of its jobs begin. */
  readonly jobPrefix?: string;
}

/** What the steps of a run share. */
export interface Run {
  readonly place: Place;
  readonly names: Names;
  readonly settings: AppSettings;
  readonly cloud: Cloud;
  readonly cdk: Cdk;
  readonly tempo: Tempo;
  readonly log: Log;
  readonly data: Data;
  readonly traffic: Traffic;
  readonly account: string;
  /** When the run began, milliseconds since the epoch. */
  readonly begunAt: number;
  readonly recorder: Recorder;
  /** Answers to the open questions. */
  readonly told: Told[];
  /** There once the stack is deployed. */
  deployed?: Deployed;
  /** What later steps and the answers build upon. */
  readonly seen: Seen;
}

/** What happened in the run, as far as anybody asks later. */
export interface Seen {
  firstPackage?: string;
  brokenPackage?: string;
  trainingsBeforeDrift?: readonly Execution[];
  retrainedPackage?: string;
  /** Endpoint, as described at each poll while it was updated, by name of the step. */
  readonly updates: Map<string, any[]>;
}

/** One step of the story. It throws what it did not see. */
export interface Step {
  readonly name: string;
  /** What the step expects, for the plan. */
  readonly expects: string;
  /** How long it takes on AWS, minutes. */
  readonly minutes: number;
  run(run: Run): Promise<void>;
}

/** The stack of the run is deployed. */
export function deployedOf({ deployed }: Run): Deployed {
  if (deployed === undefined) throw new Error('the stack is not deployed');
  return deployed;
}
