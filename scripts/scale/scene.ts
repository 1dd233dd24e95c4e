import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { MlopsStack, MlopsStackProps } from '../../lib';
import { COAST, flightsDuring } from '../../test/loop/support/airline';
import { stackAssembly } from '../../test/loop/support/assembly';
import { captureFolder, captureLines } from '../../test/loop/support/captured';
import { HOUR, Loop } from '../../test/loop/support/loop';
import { approveAndRelease } from '../../test/loop/support/steps/release';
import { newCandidate } from '../../test/loop/support/steps/training';
import { Mishaps } from '../iam/mishaps';

/* eslint-disable @typescript-eslint/no-explicit-any -- answers have the shapes of the AWS SDK */

/** Hours of the default window. */
const WINDOW_HOURS = 24;
/** A file with one captured request fills a shard of this size, and two do not fit: as many shards as files, one row in each. */
const TINY_SHARD_BYTES = 600;

/** An execution of the scan workflow, as Step Functions describes it. */
export interface Scan {
  readonly executionArn: string;
  readonly name: string;
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
  readonly startDate: Date;
}

/** A monitor of tiny shards, over a model that has served for longer than its window. */
export class ScaleScene {
  static async open(say: (line: string) => void = () => undefined): Promise<ScaleScene> {
    const assembly = assemble();
    const mishaps = new Mishaps();
    let loop: Loop | undefined;
    try {
      loop = await Loop.deploy(assembly.directory, { faults: mishaps });
      await loop.handInDays(7);
      await loop.markComplete();
      await approveAndRelease(loop, await newCandidate(loop, 0, 16 * 60));
      await loop.advance((WINDOW_HOURS + 1) * 60);
      say('a model has served for a window');
      return new ScaleScene(loop, mishaps, await loop.resource('AWS::S3::Bucket', 'Captured'), await loop.resource('AWS::StepFunctions::StateMachine', 'Monitor'));
    } catch (error) {
      await loop?.twin.stop();
      throw error;
    } finally {
      assembly.remove();
    }
  }

  private constructor(readonly loop: Loop, readonly mishaps: Mishaps, readonly capturedBucket: string, readonly stateMachineArn: string) {}

  /** Deploys the stack anew with other choices. */
  async update(props: Partial<MlopsStackProps>): Promise<void> {
    const assembly = assemble(props);
    try {
      await this.loop.twin.update(assembly.directory);
    } finally {
      assembly.remove();
    }
  }

  close(): Promise<void> {
    return this.loop.twin.stop();
  }

  /** A time without traffic that is longer than the window. */
  async pause(): Promise<void> {
    await this.loop.advance((WINDOW_HOURS + 1) * 60);
  }

  /** At the next full hour: in each of the hours before it so many requests were captured, each in a file of its own. */
  async capture(perHour: readonly number[]): Promise<void> {
    const { loop } = this;
    const end = Math.floor(loop.now / HOUR) * HOUR + HOUR;
    await loop.twin.clock.advanceTo(end);
    for (const [index, count] of perHour.entries()) {
      const hour = end - (perHour.length - index) * HOUR;
      for (const [number, flight] of flightsDuring(hour, hour + HOUR, COAST, count).entries()) {
        const key = `${captureFolder(loop.names.endpoint, hour)}${String(number).padStart(6, '0')}.jsonl`;
        await loop.account.upload(this.capturedBucket, key, captureLines([flight], COAST));
      }
    }
  }

  /** The scan of this hour, once it has ended. */
  async nextScan(): Promise<Scan> {
    const since = this.loop.now;
    await this.loop.advance(11);
    let [scan] = await this.scans(since);
    while (scan?.status === 'RUNNING') {
      await this.loop.advance(1);
      [scan] = await this.scans(since);
    }
    return this.loop.call('states', 'DescribeExecution', { executionArn: scan!.executionArn });
  }

  /** Scans that were started since then, oldest first. */
  async scans(since: number): Promise<Scan[]> {
    const { executions } = await this.loop.call('states', 'ListExecutions', { stateMachineArn: this.stateMachineArn });
    return executions.filter(({ startDate }: Scan) => startDate.getTime() >= since).reverse();
  }

  async newestReport(): Promise<any> {
    const { account, names } = this.loop;
    const keys = await account.keys(names.artifactsBucket, `monitoring/${names.monitor}/reports/`);
    return account.readJson(names.artifactsBucket, keys.filter((key) => /\/[^./]+\.json$/.test(key)).at(-1)!);
  }

  /** Files that a scan left below its folder, by the end of their key. */
  async scanFile(scan: Scan, end: string): Promise<any> {
    const { account, names } = this.loop;
    const key = (await account.keys(names.artifactsBucket, `scans/${names.monitor}/${scan.name}/`)).find((each) => each.endsWith(end));
    return key === undefined ? undefined : account.readJson(names.artifactsBucket, key);
  }
}

function assemble(props: Partial<MlopsStackProps> = {}): ReturnType<typeof stackAssembly> {
  return stackAssembly(props, (stack: MlopsStack) => {
    const plan = stack.loop.monitor.node.findChild('Plan').node.findAll().find((child) => child instanceof CfnFunction) as CfnFunction;
    plan.addPropertyOverride('Environment.Variables.SHARD_BYTES', String(TINY_SHARD_BYTES));
  });
}

/** Shards of a day, spread over its hours as evenly as they go. */
export function overADay(shards: number): number[] {
  return Array.from({ length: WINDOW_HOURS }, (_, hour) => Math.floor(((hour + 1) * shards) / WINDOW_HOURS) - Math.floor((hour * shards) / WINDOW_HOURS));
}
