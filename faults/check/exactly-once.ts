import { stampOf } from '../load/bulk-client.js'
import { type History, type Write } from '../load/history.js'
import { type Effect, effectsOf, endOf, type Facts, firstInversion } from './facts.js'
import { type Turns } from './turns.js'

/** Every row of every action, and every single write that was answered, took effect once, on its own customer. */
export function checkExactlyOnce(history: History, facts: Facts, { inTurn }: Turns): string[] {
  const effects = effectsOf(facts)
  const problems: string[] = checkRefused(history, facts, effects)
  const counts = countEach(effects)
  const sourceIds = new Map(facts.customers.map(({ id, source_id }) => [id, source_id]))
  const placeOf = new Map(effects.map(({ stamp, streamId }) => [stamp, sourceIds.get(streamId)]))
  const expectOne = (stamp: string, sourceId: string): void => {
    const count = counts.get(stamp) ?? 0
    counts.delete(stamp)
    if (count !== 1) problems.push(`${stamp} took effect ${count} times`)
    else if (placeOf.get(stamp) !== sourceId) problems.push(`${stamp} took effect on another customer`)
  }
  for (const { name, rows, fates } of inTurn) {
    for (const [index, { source_id }] of rows.entries())
      if (fates[index] === 'applied') expectOne(stampOf(name, index), source_id)
  }
  for (const { name, sourceId, acknowledgedAt } of history.singlesOf(facts.project))
    if (acknowledgedAt !== undefined || counts.has(name)) expectOne(name, sourceId)
  for (const stamp of counts.keys()) problems.push(`${stamp} took effect, and should not have`)
  return problems
}

/** What was refused was not carried out. */
function checkRefused(history: History, { project }: Facts, effects: readonly Effect[]): string[] {
  const refused = [...history.bulksOf(project), ...history.singlesOf(project)].filter(
    ({ isRefused }) => isRefused,
  )
  const names = new Set(refused.map(({ name }) => name))
  return effects.flatMap(({ stamp, write }) =>
    names.has(write) ? [`${stamp} was refused, and took effect`] : [],
  )
}

/** What had ended before something else began stands before it in the life of every customer. */
export function checkRealTime(history: History, facts: Facts): string[] {
  const writes = new Map<string, Write>()
  for (const write of [...history.bulksOf(facts.project), ...history.singlesOf(facts.project)])
    writes.set(write.name, write)
  return [...byStream(effectsOf(facts))].flatMap(([streamId, effects]) => {
    const sequence = effects.flatMap(({ write }) => writes.get(write) ?? [])
    const late = firstInversion(sequence, ({ sentAt }) => sentAt, endOf)
    return late ? [`${late.name} stands in ${streamId} before what had ended when it began`] : []
  })
}

function countEach(effects: readonly Effect[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { stamp } of effects) counts.set(stamp, (counts.get(stamp) ?? 0) + 1)
  return counts
}

function byStream(effects: readonly Effect[]): Map<string, Effect[]> {
  const streams = new Map<string, Effect[]>()
  for (const effect of effects) {
    const stream = streams.get(effect.streamId)
    if (stream) stream.push(effect)
    else streams.set(effect.streamId, [effect])
  }
  return streams
}
