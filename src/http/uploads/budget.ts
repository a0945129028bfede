interface Waiter {
  readonly size: number
  readonly admit: () => void
}

/**
 * Lets in what fits into it together, strictly in the order of arrival: neither what is large nor what is small can
 * be overtaken for ever. A library's semaphore keeps the place of one who gave up waiting; here it is free at once.
 */
export class Budget {
  private free: number
  private readonly line = new Set<Waiter>()

  constructor(private readonly total: number) {
    this.free = total
  }

  /**
   * Waits until there is room for `size`, of which no more counts than there is in all. Resolves to what gives it
   * back, which may be called twice; rejects with the signal's reason when that comes first.
   */
  async take(size: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const taken = Math.min(size, this.total)
    await this.turn(taken, signal)
    let held = taken
    return () => {
      this.free += held
      held = 0
      this.advance()
    }
  }

  private turn(size: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.line.delete(waiter)
        reject(signal.reason as Error)
        this.advance() // who stood behind may be small enough for what is free
      }
      const admit = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const waiter = { size, admit }
      signal.addEventListener('abort', leave, { once: true })
      this.line.add(waiter)
      this.advance()
    })
  }

  private advance(): void {
    for (const waiter of this.line) {
      if (waiter.size > this.free) return
      this.free -= waiter.size
      this.line.delete(waiter)
      waiter.admit()
    }
  }
}
