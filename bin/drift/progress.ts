const WIDTH = 30;
const EVERY_MILLISECONDS = 100;

/** A bar on a terminal; silent elsewhere, so that logs stay readable. */
export class Progress {
  private done = 0;
  private shown = 0;

  public constructor(
    private readonly label: string,
    private readonly total: number,
    private readonly terminal: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  ) {}

  public advance(by: number): void {
    this.done += by;
    const now = performance.now();
    if (!this.terminal.isTTY || now - this.shown < EVERY_MILLISECONDS) return;
    this.shown = now;
    this.draw();
  }

  public finish(): void {
    if (!this.terminal.isTTY) return;
    this.done = this.total;
    this.draw();
    this.terminal.write('\n');
  }

  private draw(): void {
    // Files may be read again in part; the bar never runs beyond its end.
    const share = this.total === 0 ? 1 : Math.min(1, this.done / this.total);
    const filled = Math.round(share * WIDTH);
    this.terminal.write(`\r${this.label} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`);
  }
}
