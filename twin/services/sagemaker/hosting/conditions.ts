/** What can go wrong with hosting by itself, switched on from outside. */
export class HostingConditions {
  /** How long a new endpoint configuration may not be seen yet by CreateEndpoint and UpdateEndpoint, in milliseconds. */
  consistencyDelay = 0;
  private readonly shortages = new Set<string>();
  private readonly rollbacks = new Set<string>();
  private readonly brokenRollbacks = new Set<string>();
  private readonly stuck = new Set<string>();
  private readonly slow = new Map<string, number>();
  private readonly leaks = new Map<string, number>();
  private readonly quotas = new Map<string, number>();

  /** There are no instances of this type; the result ends the shortage. */
  shortage(instanceType: string): () => void {
    this.shortages.add(instanceType);
    return () => { this.shortages.delete(instanceType); };
  }

  /** All endpoints together may use so many instances of this type; the result lifts the quota. */
  quota(instanceType: string, instances: number): () => void {
    this.quotas.set(instanceType, instances);
    return () => { this.quotas.delete(instanceType); };
  }

  /** The next update of this endpoint goes back to where it was, and SageMaker does not say why. */
  rollBackSilently(endpointName: string): void {
    this.rollbacks.add(endpointName);
  }

  /** The new fleet of the next update of this endpoint does not come up until the update's own time is over. */
  getStuck(endpointName: string): void {
    this.stuck.add(endpointName);
  }

  /** The next rollback of this endpoint fails too: UpdateRollbackFailed. */
  failRollback(endpointName: string): void {
    this.brokenRollbacks.add(endpointName);
  }

  /**
   * Each request to this endpoint keeps one core of its container busy for so long; the result ends it. Who asks is answered at
   * once in virtual time; how long it took stands in the metrics.
   */
  slowDown(endpointName: string, milliseconds: number): () => void {
    this.slow.set(endpointName, milliseconds);
    return () => { this.slow.delete(endpointName); };
  }

  /** Each request to this endpoint leaves so much memory behind in its container, where it stays until the fleet goes; the result ends it. */
  leak(endpointName: string, mebibytes: number): () => void {
    this.leaks.set(endpointName, mebibytes);
    return () => { this.leaks.delete(endpointName); };
  }

  /** What one request to this endpoint takes: milliseconds, if they are not the usual ones, and mebibytes that stay. */
  burdenOf(endpointName: string): { readonly milliseconds?: number; readonly mebibytes: number } {
    return { milliseconds: this.slow.get(endpointName), mebibytes: this.leaks.get(endpointName) ?? 0 };
  }

  isShort(instanceType: string): boolean {
    return this.shortages.has(instanceType);
  }

  quotaOf(instanceType: string): number {
    return this.quotas.get(instanceType) ?? Infinity;
  }

  /** Whether the update that is under way is stuck; once. */
  takeStuck(endpointName: string): boolean {
    return this.stuck.delete(endpointName);
  }

  /** Whether the update that is under way is to go back; once. */
  takeRollback(endpointName: string): boolean {
    return this.rollbacks.delete(endpointName);
  }

  /** Whether the rollback that is under way is to fail; once. */
  takeFailedRollback(endpointName: string): boolean {
    return this.brokenRollbacks.delete(endpointName);
  }
}
