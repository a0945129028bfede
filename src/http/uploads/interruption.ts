/**
 * Breaks off what is waited for. Each wait hears of it by itself: were each raced with one promise that lasts as long as
 * the request, that promise would keep something of every wait, and 5 MB that came in chunks of one byte took 3.6 GB.
 */
export class Interruption {
  private cause: Error | undefined
  private breakOff: ((cause: Error) => void) | undefined

  /** Fails the wait that is under way and every later one; the first cause counts. */
  readonly interrupt = (cause: Error): void => {
    this.cause ??= cause
    this.breakOff?.(this.cause)
  }

  /** What the work comes to, unless it is interrupted before. One wait at a time. */
  wait<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.breakOff = reject
      if (this.cause !== undefined) reject(this.cause)
      work.then(resolve, reject)
    })
  }
}
