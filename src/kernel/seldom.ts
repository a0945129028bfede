/**
 * For something that may happen very often: calls `say` at the first time, and then at most once in so many
 * milliseconds, each time with how often it has happened since the last.
 */
export function seldom(milliseconds: number, say: (times: number) => void): () => void {
  let times = 0
  let silentUntil = -Infinity
  return () => {
    times++
    if (performance.now() < silentUntil) return
    silentUntil = performance.now() + milliseconds
    say(times)
    times = 0
  }
}
