import type { S3Client } from '@aws-sdk/client-s3';
import { ARTIFACT_KEYS } from '../../../lib/data/artifact-keys.contract';
import { ACCUMULATOR_FILES, type HourPlan } from '../../../lib/monitoring/drift-monitor.contract';
import { listObjects, readText } from '../../adapters/objects';
import { daysOf } from './hours';

/** What is already planned and scanned of one hour. */
export class HourLedger {
  /** Keys of the plans, by number. */
  readonly plans = new Map<number, string>();
  /** Keys of sums, by the number of plans in them. */
  private readonly sums = new Map<number, string>();
  private readonly scanned = new Map<number, { readonly shards: number; readonly objects: number; readonly accumulators: Map<number, string> }>();

  note(key: string): void {
    const plan = ACCUMULATOR_FILES.planPattern.exec(key);
    if (plan !== null) this.plans.set(Number(plan[1]), key);
    const sum = ACCUMULATOR_FILES.sumPattern.exec(key);
    if (sum !== null) this.sums.set(Number(sum[1]), key);
    const accumulator = ACCUMULATOR_FILES.accumulatorPattern.exec(key);
    if (accumulator === null) return;
    const [number, index, shards, objects] = accumulator.slice(1).map(Number) as [number, number, number, number];
    const known = this.scanned.get(number) ?? { shards, objects, accumulators: new Map<number, string>() };
    known.accumulators.set(index, key);
    this.scanned.set(number, known);
  }

  /** Keys of the files that together are the counts of the hour: its newest sum, and the accumulators of plans that came after it. */
  get counts(): string[] {
    const summed = Math.max(0, ...this.sums.keys());
    const later = [...this.scanned].filter(([plan]) => plan >= summed).flatMap(([, { accumulators }]) => [...accumulators.values()]);
    return summed === 0 ? later : [this.sums.get(summed)!, ...later];
  }

  /** Objects in plans all of whose shards are scanned. */
  get scannedObjects(): number {
    return [...this.scanned].reduce((sum, [plan, { objects }]) => sum + (this.isFinished(plan) ? objects : 0), 0);
  }

  get isFullyScanned(): boolean {
    return [...this.plans.keys()].every((plan) => this.isFinished(plan));
  }

  isScanned(plan: number, index: number): boolean {
    return this.scanned.get(plan)?.accumulators.has(index) ?? false;
  }

  private isFinished(plan: number): boolean {
    const found = this.scanned.get(plan);
    return found !== undefined && found.accumulators.size === found.shards;
  }
}

/** The ledgers of these hours, from the names of their files alone. */
export async function readLedgers(
  s3: S3Client, bucket: string, monitor: string, baselineHash: string, hours: readonly string[],
): Promise<Map<string, HourLedger>> {
  const ledgers = new Map(hours.map((hour) => [hour, new HourLedger()]));
  for (const day of daysOf(hours)) {
    const prefix = `${ARTIFACT_KEYS.accumulators(monitor, baselineHash)}${day}/`;
    for await (const { Key } of listObjects(s3, bucket, prefix)) ledgers.get(`${day}T${Key.slice(prefix.length, prefix.length + 2)}`)?.note(Key);
  }
  return ledgers;
}

export async function readPlan(s3: S3Client, bucket: string, key: string): Promise<HourPlan> {
  return JSON.parse(await readText(s3, { bucket, key })) as HourPlan;
}
