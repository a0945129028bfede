import { type Database, isContention, type Row, type Session } from '../database/index.js'
import { type EventStore, type StreamRange } from '../event-store/index.js'
import { type ProjectedTable, type Projection, type Total } from './projection.js'
import { findDifferences, makeShadows, putBack } from './shadow-tables.js'

/** So many streams are looked at in one transaction: a chunk of customers, or some actions with all their chunks. */
const STREAMS_PER_LOOK = 2_500

/** Who waits in vain for a row waits for ten seconds; a chunk or a request is done long before. */
const MOST_ATTEMPTS = 6

/** A stream whose rows are not what its events say. */
export interface Difference {
  readonly projectId: string
  readonly table: string
  readonly id: string
}

export interface RebuildOptions {
  /** Puts right what differs; otherwise it is only found. */
  readonly repair: boolean
  /** Told after each look how many streams have been replayed so far. */
  readonly onProgress: (streams: number) => void
}

export interface Rebuilt {
  readonly streams: number
  readonly differences: readonly Difference[]
  /** Those of them that were not put right, because a newer row has what must be theirs alone. */
  readonly left: readonly Difference[]
}

/**
 * Replays the events into fresh tables and holds these against the live ones, some streams at a time. Events and the
 * rows that follow from them commit together, so that at any moment they agree: nobody has to be kept waiting for a
 * look. What differs is put right in a transaction of its own, in which its writers wait.
 */
export class Rebuilder {
  private streams = 0
  private readonly differences: Difference[] = []
  private readonly left: Difference[] = []

  /** `database` must have one connection alone: the fresh tables are that connection's. */
  constructor(
    private readonly database: Database,
    private readonly events: EventStore,
    private readonly options: RebuildOptions,
  ) {}

  async rebuild(projections: readonly Projection[], totals: readonly Total[]): Promise<Rebuilt> {
    const tables = projections.flatMap((projection) => projection.tables)
    await this.database.acrossProjects((session) => makeShadows(session, tables))
    for (const projectId of await this.projectIds()) {
      for (const projection of projections) await this.rebuildProjection(projectId, projection)
      for (const total of totals) await this.rebuildTotal(projectId, total)
    }
    return { streams: this.streams, differences: this.differences, left: this.left }
  }

  private projectIds(): Promise<string[]> {
    return this.database.acrossProjects(async (session) => {
      const rows = await session.rows<Row & { id: string }>('SELECT id FROM projects ORDER BY created_at, id')
      return rows.map(({ id }) => id)
    })
  }

  private async rebuildProjection(projectId: string, projection: Projection): Promise<void> {
    // Ids are letters and digits behind the prefix, and compared byte by byte.
    const end = `${projection.prefix}~`
    for (let after = projection.prefix; after < end;) {
      const { upTo, different } = await this.look(projectId, projection, { after, upTo: end })
      if (different.length > 0 && this.options.repair) await this.repair(projectId, projection, different)
      this.options.onProgress(this.streams)
      after = upTo
    }
  }

  /** The next streams of a range: how far it came, and those that differ. All of one moment. */
  private look(
    projectId: string,
    projection: Projection,
    { after, upTo: end }: StreamRange,
  ): Promise<{ upTo: string; different: string[] }> {
    return this.database.atOneMoment(projectId, async (session) => {
      const upTo = await this.endOfLook(session, projectId, projection, { after, upTo: end })
      await projection.replay(session, projectId, this.counted(session, projectId, { after, upTo }))
      const different = new Set<string>()
      for (const table of projection.tables) {
        for (const id of await findDifferences(session, projectId, table, { after, upTo })) {
          this.differences.push({ projectId, table: table.name, id })
          different.add(id)
        }
      }
      return { upTo, different: [...different] }
    })
  }

  /** Rows without a stream are looked at too: whichever of both come first make up the look. */
  private async endOfLook(
    session: Session,
    projectId: string,
    { tables }: Projection,
    range: StreamRange,
  ): Promise<string> {
    const ids = await this.events.listStreams(session, projectId, range, STREAMS_PER_LOOK)
    const lists = [ids, ...(await idsOfRows(session, projectId, tables, range))]
    const ends = lists.flatMap((list) => list[STREAMS_PER_LOOK - 1] ?? [])
    return ends.reduce((least, end) => (end < least ? end : least), range.upTo)
  }

  private async *counted(session: Session, projectId: string, range: StreamRange) {
    let streamId = ''
    for await (const event of this.events.readStreams(session, projectId, range)) {
      if (event.streamId !== streamId) this.streams++
      streamId = event.streamId
      yield event
    }
  }

  /** Again when it was lost to those who write: they may hold a row for longer than anybody waits for one. */
  private async repair(
    projectId: string,
    projection: Projection,
    different: readonly string[],
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.left.push(...(await this.putRight(projectId, projection, different)))
        return
      } catch (error) {
        if (!isContention(error) || attempt === MOST_ATTEMPTS) throw error
      }
    }
  }

  private putRight(
    projectId: string,
    projection: Projection,
    different: readonly string[],
  ): Promise<Difference[]> {
    return this.database.inProject(projectId, async (session) => {
      await projection.hold(session, projectId, different)
      const companions = (await projection.companionsOf?.(session, projectId, different)) ?? []
      const streamIds = [...new Set([...different, ...companions])].sort()
      for (const id of streamIds)
        await projection.replay(session, projectId, this.one(session, projectId, id))
      const left: Difference[] = []
      for (const table of projection.tables)
        for (const id of await putBack(session, projectId, table, streamIds))
          left.push({ projectId, table: table.name, id })
      return left
    })
  }

  /** Read only now that nobody else writes: the stream may have gone on since the look. */
  private async *one(session: Session, projectId: string, streamId: string) {
    yield* await this.events.readStream(session, projectId, streamId)
  }

  private async rebuildTotal(projectId: string, { table, column, counts }: Total): Promise<void> {
    const isRight = `coalesce((SELECT ${column} FROM ${table} WHERE project_id = $1), 0)
      = (SELECT count(*) FROM public.${counts} WHERE project_id = $1)`
    const row = await this.database.atOneMoment(projectId, (session) =>
      session.row<Row & { is_right: boolean }>(`SELECT ${isRight} AS is_right`, [projectId]),
    )
    if (row?.is_right === true) return
    this.differences.push({ projectId, table, id: projectId })
    if (!this.options.repair) return
    await this.database.inProject(projectId, async (session) => {
      // Whoever adds to it does so last: from here on its rows are there and counted, or are not and will be added.
      await session.execute(
        `INSERT INTO ${table} (project_id, ${column}) VALUES ($1, 0)
         ON CONFLICT (project_id) DO UPDATE SET ${column} = excluded.${column}`,
        [projectId],
      )
      await session.execute(
        `UPDATE ${table} SET ${column} = (SELECT count(*) FROM public.${counts} WHERE project_id = $1)
         WHERE project_id = $1`,
        [projectId],
      )
    })
  }
}

/** For each table the first ids that its rows in the range name. */
async function idsOfRows(
  session: Session,
  projectId: string,
  tables: readonly ProjectedTable[],
  { after, upTo }: StreamRange,
): Promise<string[][]> {
  const lists: string[][] = []
  for (const { name, stream } of tables) {
    const rows = await session.rows<Row & { id: string }>(
      `SELECT DISTINCT ${stream} AS id FROM public.${name}
       WHERE project_id = $1 AND ${stream} > $2 AND ${stream} <= $3 ORDER BY id LIMIT ${STREAMS_PER_LOOK}`,
      [projectId, after, upTo],
    )
    lists.push(rows.map(({ id }) => id))
  }
  return lists
}
