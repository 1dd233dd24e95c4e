/** What a test can make of the region: how long jobs take, where capacity is short, which spot instances are taken away. */
export class JobConditions {
  /** Virtual seconds that a container runs; what SageMaker does around it comes on top. */
  trainingSeconds = 180;
  processingSeconds = 90;
  private readonly shortages = new Map<string, { spot: boolean; onDemand: boolean }>();
  private readonly interruptions = new Map<string, number>();

  /** From now on there is no capacity for new jobs on this instance type, until the returned function is called. */
  shortage(instanceType: string, of: { spot?: boolean; onDemand?: boolean } = { spot: true, onDemand: true }): () => void {
    this.shortages.set(instanceType, { spot: of.spot ?? false, onDemand: of.onDemand ?? false });
    return () => { this.shortages.delete(instanceType); };
  }

  hasCapacity(instanceType: string, spot: boolean): boolean {
    const short = this.shortages.get(instanceType);
    return short === undefined || !(spot ? short.spot : short.onDemand);
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
