import { type ReadEvent } from '../load/log-reader.js'
import { type Project } from '../stage/stage.js'
import { type Facts } from './facts.js'

/** Whoever follows the log has read every event there is, and none twice. */
export function checkLog(read: readonly ReadEvent[], facts: readonly Facts[]): string[] {
  const problems: string[] = []
  const seen = new Map<string, string>()
  for (const { name, place } of read) {
    const before = seen.get(name)
    if (before !== undefined)
      problems.push(`The reader of the log got ${name} twice, at ${before} and at ${place}`)
    seen.set(name, place)
  }
  for (const { project, events } of facts) {
    const missed = events.filter((event) => !seen.has(nameOf(project, event)))
    if (missed.length > 0)
      problems.push(
        `The reader of the log never got ${missed.length} events, such as ${nameOf(project, missed[0])}`,
      )
  }
  return problems
}

const nameOf = ({ projectId }: Project, event?: { stream_id: string; version: number }): string =>
  `${projectId} ${event?.stream_id ?? ''} ${event?.version ?? ''}`
