import { Logger } from '@nestjs/common'
import { type EventBus } from '@nestjs/cqrs'
import { AsyncActionRepository } from '../../src/async-actions/async-action.repository.js'
import { ASYNC_ACTION_EVENT_TYPES } from '../../src/async-actions/domain/async-action.events.js'
import { ActionRecorder } from '../../src/async-actions/run/action-recorder.js'
import { ActionRunner } from '../../src/async-actions/run/action-runner.js'
import { type IdleMaintenance } from '../../src/async-actions/run/idle-maintenance.js'
import {
  type AppliedChunk,
  type ChunkContext,
  type ChunkHandler,
  ChunkHandlers,
} from '../../src/async-actions/run/chunk-handler.js'
import { ChunkPipeline } from '../../src/async-actions/run/chunk-pipeline.js'
import { ChunkReader } from '../../src/async-actions/run/chunk-reader.js'
import { ChunkRunner } from '../../src/async-actions/run/chunk-runner.js'
import { LaneRunner } from '../../src/async-actions/run/lane-runner.js'
import { Lanes } from '../../src/async-actions/run/lanes.js'
import { type PackedChunk } from '../../src/async-actions/schedule/async-action-payload.js'
import { AsyncActionScheduler } from '../../src/async-actions/schedule/async-action-scheduler.js'
import { Settings } from '../../src/config/index.js'
import { type Session } from '../../src/database/index.js'
import { EventStore } from '../../src/event-store/index.js'
import { type RowOutcome } from '../../src/kernel/index.js'
import { type AsyncActionJob, type Doorbell } from '../../src/queue/index.js'
import { packedPayload } from './payload.factory.js'
import { openStore, type TestStore } from './test-store.factory.js'

export const OPERATION = 'NOTES.WRITE'

/** A row of the test's own operation: writes its text down. */
export interface Note {
  readonly text: string
}

/** Called for each row before it is written; may throw, wait, or do anything. */
export type BeforeNote = (note: Note, session: Session, context: ChunkContext) => Promise<void> | void

/** Writes notes into a table of its own, one row each; a note that is there already is found. */
export class NoteHandler implements ChunkHandler<Note> {
  readonly operation = OPERATION
  before: BeforeNote = () => undefined

  prepare(_session: Session, _context: ChunkContext, rows: unknown[]): Promise<Note[]> {
    return Promise.resolve(rows as Note[])
  }

  keysOf(rows: readonly Note[]): string[] {
    return rows.map(({ text }) => text)
  }

  async apply(session: Session, context: ChunkContext, rows: readonly Note[]): Promise<AppliedChunk> {
    const outcomes: RowOutcome[] = []
    for (const note of rows) {
      const found = (await session.execute('SELECT FROM notes WHERE text = $1', [note.text])) > 0
      await session.execute('INSERT INTO notes (text, action) VALUES ($1, $2)', [
        note.text,
        context.asyncActionId,
      ])
      await this.before(note, session, context)
      outcomes.push({ sourceId: note.text, found, updated: true })
    }
    return { outcomes, settle: (session) => settle(session, rows.length) }
  }

  giveUpOn(_session: Session, _context: ChunkContext, { text }: Note): Promise<RowOutcome> {
    const failure = { key: 'internal_error', message: 'Internal error', details: 'Given up.' }
    return Promise.resolve({ sourceId: text, found: false, updated: false, failure })
  }
}

/** Every chunk adds to the one counter: who did so before its turn would keep the chunk before waiting for ever. */
async function settle(session: Session, notes: number): Promise<void> {
  await session.execute(
    `INSERT INTO note_counter AS counter VALUES (true, $1)
     ON CONFLICT (singleton) DO UPDATE SET notes = counter.notes + excluded.notes`,
    [notes],
  )
}

export interface ActionRow extends Record<string, unknown> {
  id: string
  status: string
  rows_done: number
  rows_failed: number
  next_chunk: number
  failure: string | null
}

/** A database where notes can be written. Silences the log: what the runner warns of is what the tests are about. */
export async function openNotes(): Promise<TestStore> {
  Logger.overrideLogger(false)
  const store = await openStore()
  await store.query('CREATE TABLE notes (place serial, text text NOT NULL, action text NOT NULL)')
  await store.query('CREATE TABLE note_counter (singleton boolean PRIMARY KEY, notes integer NOT NULL)')
  await store.query('GRANT ALL ON notes, notes_place_seq, note_counter TO rollcall_project')
  return store
}

/** What each test on notes begins with: nothing is stored but a project of its own. */
export interface Notes {
  readonly store: TestStore
  readonly rig: TestRunner
  readonly projectId: string
}

/** Brings up one database for the tests of a file, and empties it before each of them. */
export function beginWithNotes(begin: (notes: Notes) => void, settings: Partial<Settings> = {}): void {
  let store: TestStore
  beforeAll(async () => {
    store = await openNotes()
  })
  beforeEach(async () => {
    await store.clear()
    begin({ store, rig: new TestRunner(store, settings), projectId: await store.newProject() })
  })
  afterAll(() => store.close())
}

/** Nobody waits for it, so that it would go on when a test has ended. */
const LEFT_OUT = { run: () => Promise.resolve() } as unknown as IdleMaintenance

/** The parts that accept and run actions, put together by hand. */
export class TestRunner {
  readonly handler = new NoteHandler()
  /** What was announced on the event bus. */
  readonly announced: unknown[] = []
  /** What was rung for. */
  readonly rung: AsyncActionJob[] = []
  readonly events = new EventStore()
  readonly handlers = new ChunkHandlers()
  readonly settings: Settings
  readonly actions = new AsyncActionRepository(this.events)
  readonly lanes: Lanes
  readonly reader: ChunkReader
  readonly chunks: ChunkRunner
  readonly runner: ActionRunner
  readonly scheduler: AsyncActionScheduler

  constructor(
    readonly store: TestStore,
    settings: Partial<Settings> = {},
  ) {
    const { database } = store
    this.settings = Object.assign(new Settings(), settings)
    this.events.register(ASYNC_ACTION_EVENT_TYPES)
    this.handlers.register(this.handler)
    this.lanes = new Lanes(database, this.handlers, this.settings)
    this.reader = new ChunkReader(database, this.handlers)
    const recorder = new ActionRecorder(this.actions, this.lanes, this.settings)
    this.chunks = new ChunkRunner(database, this.lanes, recorder)
    this.runner = new ActionRunner(
      database,
      this.actions,
      recorder,
      this.reader,
      this.chunks,
      new ChunkPipeline(this.reader, this.chunks),
    )
    const eventBus = { publish: (event: unknown) => this.announced.push(event) } as unknown as EventBus
    this.scheduler = new AsyncActionScheduler(database, this.actions, eventBus, this.settings)
  }

  /** A worker; several of them are so many processes. */
  worker(settings: Partial<Settings> = {}, maintenance = LEFT_OUT): LaneRunner {
    const ring = (job: AsyncActionJob) => Promise.resolve(this.rung.push(job))
    const doorbell = { ring } as unknown as Doorbell
    return new LaneRunner(
      this.lanes,
      this.runner,
      doorbell,
      maintenance,
      Object.assign(new Settings(), this.settings, settings),
    )
  }

  /** Accepts notes, one inner list per chunk. */
  async schedule(projectId: string, chunks: string[][] = [['note']], operation = OPERATION): Promise<string> {
    const context = { projectId, requestId: 'v-1', client: 'app' }
    return (await this.scheduler.schedule(context, operation, payloadOf(chunks))).asyncActionId
  }

  /** A new project with actions that wait, one chunk of one note each, all named by the list. */
  async projectWith(...notes: string[]): Promise<string> {
    const projectId = await this.store.newProject()
    for (const note of notes) await this.schedule(projectId, [[note]])
    return projectId
  }

  /** What was written down, in the order of writing; chunks of one action may overlap. */
  async notes(): Promise<string[]> {
    const rows = await this.store.query<{ text: string }>('SELECT text FROM notes ORDER BY place')
    return rows.map(({ text }) => text)
  }

  action(id: string): Promise<ActionRow> {
    return this.one('SELECT * FROM async_actions WHERE id = $1', [id])
  }

  async count(table: string): Promise<number> {
    const { count } = await this.one<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)
    return count
  }

  /** The report of an action. */
  async report(id: string): Promise<string> {
    const rows = await this.store.query<{ csv: string }>(
      'SELECT csv FROM async_action_reports WHERE async_action_id = $1 ORDER BY chunk',
      [id],
    )
    return rows.map(({ csv }) => csv).join('')
  }

  /** As if the holder of a lane had been silent for too long. */
  async expire(projectId: string): Promise<void> {
    await this.store.query(`UPDATE lanes SET lease_until = 'epoch' WHERE project_id = $1`, [projectId])
  }

  private async one<R extends Record<string, unknown>>(sql: string, parameters: unknown[] = []): Promise<R> {
    const [row] = await this.store.query<R>(sql, parameters)
    if (row === undefined) throw new Error(`Nothing is there: ${sql}`)
    return row
  }
}

/** Notes as they come out of a request, one inner list per chunk. */
export const payloadOf = (chunks: string[][]): AsyncGenerator<PackedChunk> =>
  packedPayload(
    chunks.map((notes) => ({
      text: JSON.stringify(notes.map((text) => ({ text }))),
      rowCount: notes.length,
    })),
  )
