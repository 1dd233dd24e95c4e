/** What runs on behalf of a sequence of states. Cancelling ends all of it: timers, jobs, inner sequences. */
export class Scope {
  private readonly cancellers = new Set<() => void>();
  private ended = false;

  get cancelled(): boolean {
    return this.ended;
  }

  /** Calls `cancel` when the scope ends early; the returned function withdraws it. */
  onCancel(cancel: () => void): () => void {
    if (this.ended) {
      cancel();
      return () => {};
    }
    this.cancellers.add(cancel);
    return () => { this.cancellers.delete(cancel); };
  }

  child(): Scope {
    const child = new Scope();
    const withdraw = this.onCancel(() => child.cancel());
    child.onCancel(withdraw);
    return child;
  }

  cancel(): void {
    if (this.ended) return;
    this.ended = true;
    for (const cancel of [...this.cancellers]) cancel();
    this.cancellers.clear();
  }
}
