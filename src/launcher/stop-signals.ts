const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Turns the signals that ask a process to end into an AbortSignal. The listeners stay, so that a second signal
 * changes nothing: npm passes on the one that the terminal has already sent.
 */
export function listenForStop(onFirst: () => void): AbortSignal {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) return
    onFirst()
    controller.abort(new Error('asked to stop'))
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  return controller.signal
}

/** Passes a result on, unless the signal comes first. */
export function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => {
      reject(signal.reason as Error)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
  return Promise.race([work, stopped])
}
