import { type BulkRequest, type History } from '../load/history.js'
import { effectsOf, type Facts } from './facts.js'

/** Which action became of which request, and whose turn was when. */
export interface Turns {
  /** Every request that has an action, in the order of turns. */
  readonly inTurn: readonly BulkRequest[]
  /** The request of an action, by the action's id. */
  readonly byAction: ReadonlyMap<string, BulkRequest>
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
  const silent = requests.filter((request) => !inTurn.includes(request) && !request.isRefused)
  problems.push(...doubled(inTurn), ...tooMany(new Set(byAction.keys()), facts, silent))
  return { inTurn, byAction, turnOf: new Map(inTurn.map(({ name }, turn) => [name, turn])), problems }
}

function doubled(inTurn: readonly BulkRequest[]): string[] {
  const names = new Set<string>()
  return inTurn.flatMap(({ name }) => {
    if (names.has(name)) return [`${name} became more than one action`]
    names.add(name)
    return []
  })
}

/**
 * An action of nobody must be that of a request that nobody heard of again, with as many rows, and as many of them
 * wrong: all of them, because otherwise its effects would name it.
 */
function tooMany(named: ReadonlySet<string>, facts: Facts, silent: readonly BulkRequest[]): string[] {
  const shapes = silent.map(
    ({ fates }) => `${fates.length} ${fates.filter((fate) => fate !== 'applied').length}`,
  )
  return facts.actions.flatMap(({ id, row_count, rows_failed }) => {
    if (named.has(id)) return []
    const index = shapes.indexOf(`${row_count} ${rows_failed}`)
    if (index !== -1) shapes.splice(index, 1)
    return index === -1 ? [`${id}, with ${row_count} rows, was asked for by nobody`] : []
  })
}
