import { isDeepStrictEqual } from 'node:util'
import { type Build } from '../stage/build.js'
import { type Facts } from './facts.js'

/** Versions of a stream are 1, 2, 3 …, and replaying it gives the row that is there. */
export function checkReplay(build: Build, { events, customers, total, project }: Facts): string[] {
  const problems: string[] = []
  const replayed = new Map<
    string,
    { version: number; state: ReturnType<typeof build.customerDecider.evolve> }
  >()
  const versions = new Map<string, number>()
  for (const { stream_id, version, type, data } of events) {
    const before = versions.get(stream_id) ?? 0
    versions.set(stream_id, version)
    if (version !== before + 1) problems.push(`${stream_id} goes from version ${before} to ${version}`)
    if (!stream_id.startsWith('cust_')) continue
    const { state } = replayed.get(stream_id) ?? { state: build.customerDecider.initialState }
    const event = { type, data } as Parameters<typeof build.customerDecider.evolve>[1]
    replayed.set(stream_id, { version, state: build.customerDecider.evolve(state, event) })
  }
  for (const { id, source_id: sourceId, version, document } of customers) {
    const live = { version, state: { kind: 'known', sourceId, document: { address: null, ...document } } }
    if (!isDeepStrictEqual(plain(live), plain(replayed.get(id))))
      problems.push(
        `${id} is not what its events say: ${JSON.stringify({ live, replayed: replayed.get(id) })}`,
      )
    replayed.delete(id)
  }
  for (const id of replayed.keys()) problems.push(`${id} has events and is not there`)
  if (total !== customers.length)
    problems.push(`Project ${project.number} counts ${total} customers, and there are ${customers.length}`)
  return problems
}

/** Without prototypes and properties that are undefined. */
const plain = (value: unknown): unknown => (value === undefined ? value : JSON.parse(JSON.stringify(value)))
