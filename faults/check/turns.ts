import { type BulkRequest, type History } from '../load/history.js'
import { effectsOf, type Facts } from './facts.js'

/** Which action became of which request, and whose turn was when. */
export interface Turns {
  /** Every request that has an action, in the order of turns. */
  readonly inTurn: readonly BulkRequest[]
  /** Names of requests to their place in it. */
  readonly turnOf: ReadonlyMap<string, number>
  readonly problems: readonly string[]
}

/**
 * An accepted request names its action; one that was never answered is known by its effects, if it had any. There must
 * not be more actions than that.
 */
export function findTurns(history: History, facts: Facts): Turns {
  const problems: string[] = []
  const requests = history.bulksOf(facts.project)
  const byName = new Map(requests.map((request) => [request.name, request]))
  const byAction = new Map(
    requests.flatMap((request) => (request.actionId ? [[request.actionId, request]] : [])),
  )
  for (const { write, causationId } of effectsOf(facts)) {
    const request = byName.get(write)
    if (request === undefined) continue
    const known = byAction.get(causationId)
    if (known === undefined) byAction.set(causationId, request)
    else if (known !== request) problems.push(`${causationId} is of ${known.name} and of ${write}`)
  }
  const ids = new Set(facts.actions.map(({ id }) => id))
  for (const { name, actionId } of requests)
    if (actionId !== undefined && !ids.has(actionId)) problems.push(`${name} was accepted and is gone`)
  const inTurn = facts.actions.flatMap(({ id }) => byAction.get(id) ?? [])
  problems.push(...doubled(inTurn), ...tooMany(facts, inTurn, requests))
  return { inTurn, turnOf: new Map(inTurn.map(({ name }, turn) => [name, turn])), problems }
}

function doubled(inTurn: readonly BulkRequest[]): string[] {
  const names = new Set<string>()
  return inTurn.flatMap(({ name }) => {
    if (names.has(name)) return [`${name} became more than one action`]
    names.add(name)
    return []
  })
}

/** Actions of nobody may be those of requests that nobody heard of again, and that had no effect on customers. */
function tooMany(facts: Facts, inTurn: readonly BulkRequest[], requests: readonly BulkRequest[]): string[] {
  const nameless = facts.actions.length - inTurn.length
  const silent = requests.filter((request) => !inTurn.includes(request)).length
  return nameless > silent ? [`${nameless} actions were asked for by nobody`] : []
}
