import { type History } from '../load/history.js'
import { type Facts } from './facts.js'
import { type Turns } from './turns.js'

/** Every write left a key of its own in the metadata of its customers, which nobody takes out: it is there at the end. */
export function checkDocuments(history: History, { customers, project }: Facts, { inTurn }: Turns): string[] {
  const metadata = new Map(
    customers.map(({ source_id, document }) => [
      source_id,
      (document as { metadata?: Record<string, unknown> }).metadata,
    ]),
  )
  const problems: string[] = []
  const expect = (name: string, sourceId: string, value: number): void => {
    if (metadata.get(sourceId)?.[name] !== value)
      problems.push(
        `${name} gave ${sourceId} the metadata ${value}, and it is ${JSON.stringify(metadata.get(sourceId)?.[name])}`,
      )
  }
  for (const { name, rows, fates } of inTurn) {
    const last = new Map(
      rows.flatMap((row, index) => (fates[index] === 'applied' ? [[row.source_id, index] as const] : [])),
    )
    for (const [sourceId, index] of last) expect(name, sourceId, index)
  }
  for (const { name, sourceId, acknowledgedAt } of history.singlesOf(project))
    if (acknowledgedAt !== undefined) expect(name, sourceId, 1)
  return problems
}
