/** What has been brought up so far. It is taken down in the opposite order, one after the other. */
export class StopList {
  readonly #steps: (() => Promise<void> | void)[] = []

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step)
  }

  /** A step that fails is reported and does not keep the rest from being taken down. */
  async stopAll(report: (line: string) => void): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await step()
      } catch (error) {
        report(`While stopping: ${(error as Error).message}`)
      }
    }
  }
}
