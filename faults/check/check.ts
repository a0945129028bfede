import { type History } from '../load/history.js'
import { type ReadEvent } from '../load/log-reader.js'
import { type Stage } from '../stage/stage.js'
import { checkAccounting, checkStatuses } from './accounting.js'
import { checkDocuments } from './documents.js'
import { checkExactlyOnce, checkRealTime } from './exactly-once.js'
import { type Facts, readFacts } from './facts.js'
import { checkLog } from './log.js'
import { checkOrder, checkOrderOfEffects } from './order.js'
import { findDifferences } from './rebuild.js'
import { checkReplay } from './replay.js'
import { findTurns } from './turns.js'

export interface Evidence {
  readonly history: History
  /** What the reader of the log got, in its order. */
  readonly log: readonly ReadEvent[]
  /** Reports as they are at the end, by the names of the requests. */
  readonly reports: ReadonlyMap<string, string>
}

/** What was carried out in a run. */
export interface Tally {
  readonly actions: number
  readonly rows: number
  readonly effects: number
}

export interface Verdict {
  readonly problems: readonly string[]
  readonly tally: Tally
}

/** Holds what clients saw against what is in the tables at the end. */
export async function check(stage: Stage, { history, log, reports }: Evidence): Promise<Verdict> {
  const problems = [...history.problems]
  const facts: Facts[] = []
  for (const project of stage.projects) facts.push(await readFacts(stage.admin, project))
  for (const each of facts) {
    const turns = findTurns(history, each)
    problems.push(
      ...turns.problems,
      ...checkOrder(each, turns),
      ...checkOrderOfEffects(each, turns),
      ...checkExactlyOnce(history, each, turns),
      ...checkDocuments(history, each, turns),
      ...checkRealTime(history, each),
      ...checkAccounting(each, turns, reports),
      ...checkStatuses(turns),
      ...checkReplay(stage.options.build, each),
    )
  }
  problems.push(...checkLog(log, facts), ...(await findDifferences(stage.options.build, stage.databaseUrl)))
  for (const { member } of stage.actors)
    problems.push(...member.surprises.map(({ ending }) => `${member.name} ended by itself (${ending})`))
  return { problems, tally: tallyOf(facts) }
}

const tallyOf = (facts: readonly Facts[]): Tally => ({
  actions: sum(facts, ({ actions }) => actions.length),
  rows: sum(facts, ({ actions }) => sum(actions, ({ rows_done }) => rows_done)),
  effects: sum(facts, ({ events }) => events.filter(({ stream_id }) => stream_id.startsWith('cust_')).length),
})

const sum = <T>(list: readonly T[], of: (item: T) => number): number =>
  list.reduce((total, item) => total + of(item), 0)
