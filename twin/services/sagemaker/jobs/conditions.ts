import { AwsError } from '../../../service';

/** As Service Quotas names them: `ml.m5.large for spot training job usage`. */
export type InstanceUsage = 'training job' | 'spot training job' | 'processing job' | 'transform job';

/** What a test can make of the region: how long jobs take, where capacity is short, which spot instances are taken away. */
export class JobConditions {
  /** Virtual seconds that a container runs; what SageMaker does around it comes on top. */
  trainingSeconds = 180;
  processingSeconds = 90;
  transformSeconds = 60;
  private readonly shortages = new Map<string, { spot: boolean; onDemand: boolean }>();
  private readonly interruptions = new Map<string, number>();
  private readonly quotas = new Map<string, number>();

  /** From now on there is no capacity for new jobs on this instance type, until the returned function is called. */
  shortage(instanceType: string, of: { spot?: boolean; onDemand?: boolean } = { spot: true, onDemand: true }): () => void {
    this.shortages.set(instanceType, { spot: of.spot ?? false, onDemand: of.onDemand ?? false });
    return () => { this.shortages.delete(instanceType); };
  }

  hasCapacity(instanceType: string, spot: boolean): boolean {
    const short = this.shortages.get(instanceType);
    return short === undefined || !(spot ? short.spot : short.onDemand);
  }

  /** From now on the account may use so many instances of this type at a time, until the returned function is called. */
  quota(instanceType: string, usage: InstanceUsage, instances: number): () => void {
    const name = `${instanceType} for ${usage} usage`;
    this.quotas.set(name, instances);
    return () => { this.quotas.delete(name); };
  }

  /** Refuses one more instance than the account may use. */
  demandQuota(instanceType: string, usage: InstanceUsage, inUse: number): void {
    const name = `${instanceType} for ${usage} usage`;
    const limit = this.quotas.get(name);
    if (limit === undefined || inUse < limit) return;
    throw new AwsError('ResourceLimitExceeded', `The account-level service limit '${name}' is ${limit} Instances, with current utilization of ${inUse} Instances and a request delta`
      + ' of 1 Instances. Please use AWS Service Quotas to request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota.');
  }

  /** The next `times` spot instances of this type are taken away half-way. */
  interruptSpot(instanceType: string, times = 1): void {
    this.interruptions.set(instanceType, times);
  }

  takeInterruption(instanceType: string): boolean {
    const left = this.interruptions.get(instanceType) ?? 0;
    if (left > 0) this.interruptions.set(instanceType, left - 1);
    return left > 0;
  }
}
