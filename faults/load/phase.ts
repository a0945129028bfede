/** How far a run is: there is load and harm, then what was sent comes to its end, then there is nothing more to do. */
export class Phase {
  #isOver = false

  constructor(
    private readonly busyUntil: number,
    private readonly signal: AbortSignal,
  ) {}

  get isBusy(): boolean {
    return performance.now() < this.busyUntil && !this.signal.aborted
  }

  get isOver(): boolean {
    return this.#isOver || this.signal.aborted
  }

  end(): void {
    this.#isOver = true
  }
}
