/**
 * What `work` gives, or an error after so many milliseconds. An answer that has come in by then counts, also when
 * this process was too busy to look at it: a timer alone would take its own delay for the other side's.
 */
export async function withTimeout<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Between timers and immediates Node reads what has arrived.
      setImmediate(() => {
        reject(new Error(`no answer within ${milliseconds} ms`))
      })
    }, milliseconds)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
