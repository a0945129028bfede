import { type BulkRequest } from '../load/history.js'
import { effectsOf, type EventRow, type Facts, firstInversion } from './facts.js'
import { type Turns } from './turns.js'

/** First come, first served: in the order of acceptance, and one action at a time. */
export function checkOrder(facts: Facts, turns: Turns): string[] {
  return [...checkAcceptance(turns), ...checkTurns(facts), ...checkFences(facts)]
}

/** A request that was sent after the answer to another has the later turn. */
function checkAcceptance({ inTurn }: Turns): string[] {
  const late = firstInversion(
    inTurn,
    ({ sentAt }: BulkRequest) => sentAt,
    ({ acceptedAt }) => acceptedAt ?? Infinity,
  )
  return late ? [`${late.name} has its turn before one that was accepted before it was sent`] : []
}

/** In the log nothing of an action stands behind the first effect of a later one. */
function checkTurns(facts: Facts): string[] {
  const spans = new Map<string, { first: bigint; last: bigint }>()
  for (const { causation_id: id, type, append_position } of facts.events) {
    if (type === 'AsyncActionScheduled') continue
    const position = BigInt(append_position)
    const span = spans.get(id)
    if (span === undefined) spans.set(id, { first: position, last: position })
    else if (position < span.first) span.first = position
    else if (position > span.last) span.last = position
  }
  let before: { id: string; last: bigint } | undefined
  for (const { id } of facts.actions) {
    const span = spans.get(id)
    if (span === undefined) continue
    if (before && before.last > span.first) return [`${id} began before ${before.id} had ended`]
    before = { id, last: span.last }
  }
  return []
}

/** Who has lost the lane to another records nothing any more: from chunk to chunk the fence never falls. */
function checkFences({ actions, events }: Facts): string[] {
  const turnOf = new Map(actions.map(({ id }, turn) => [id, turn]))
  const chunks = events
    .filter(({ type }) => type === 'AsyncActionChunkProcessed')
    .toSorted((one, other) => turn(one) - turn(other) || one.version - other.version)
  function turn({ stream_id }: EventRow): number {
    return turnOf.get(stream_id) ?? -1
  }
  const fences = chunks.map(({ data }) => (data as { fence: number }).fence)
  const zombie = chunks.find((_, index) => index > 0 && (fences[index] ?? 0) < (fences[index - 1] ?? 0))
  return zombie ? [`A chunk of ${zombie.stream_id} was recorded by who had lost the lane`] : []
}

/** Whatever one customer went through happened in the order of turns, and of rows within a request. */
export function checkOrderOfEffects(facts: Facts, turns: Turns): string[] {
  const problems: string[] = []
  let [streamId, turn, row] = ['', -1, -1]
  for (const effect of effectsOf(facts)) {
    const itsTurn = turns.turnOf.get(effect.write)
    if (effect.streamId !== streamId) [streamId, turn, row] = [effect.streamId, -1, -1]
    if (itsTurn === undefined) continue
    if (itsTurn < turn || (itsTurn === turn && effect.row <= row))
      problems.push(`${effect.stamp} took effect on ${streamId} after what comes later`)
    ;[turn, row] = [itsTurn, effect.row]
  }
  return problems
}
