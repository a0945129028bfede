/** Lets work go on side by side, except for what might take the process down: while that is done, nothing else is. */
export class Seclusion {
  private readonly company = new Set<Promise<unknown>>()
  private secluded: Promise<unknown> | undefined

  /** Something is done alone, or waits for the others to end so that it can be. */
  get isOn(): boolean {
    return this.secluded !== undefined
  }

  /** Resolves when others may begin; look at {@link isOn} again after whatever was waited for since. */
  async isOver(): Promise<void> {
    while (this.secluded !== undefined) await this.secluded
  }

  async beside(work: () => Promise<void>): Promise<void> {
    const running = work()
    const ended = running.catch(() => undefined)
    this.company.add(ended)
    await ended
    this.company.delete(ended)
    await running
  }

  /** Begins when all that was begun before has ended. Not to be called while the seclusion is on. */
  async alone(work: () => Promise<void>): Promise<void> {
    const running = Promise.all(this.company).then(work)
    this.secluded = running.catch(() => undefined)
    await this.secluded
    this.secluded = undefined
    await running
  }
}
