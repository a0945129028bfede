import { type Pool } from 'pg'
import { createDataSource, Database, isOutage, type Session, together } from '../../src/database/index.js'
import { deferred } from '../support/deferred.factory.js'
import { openTcpProxy } from '../support/tcp-proxy.factory.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let projectId: string

beforeAll(async () => {
  store = await openStore(2)
  await store.query('CREATE TABLE notes (text text PRIMARY KEY)')
  await store.query('GRANT ALL ON notes TO rollcall_project')
})
beforeEach(async () => {
  await store.query('TRUNCATE notes')
  projectId = await store.newProject()
})
afterAll(() => store.close())

const notes = async () =>
  (await store.query<{ text: string }>('SELECT text FROM notes')).map(({ text }) => text)

async function expectLeft(session: Session): Promise<void> {
  await expect(session.execute('INSERT INTO notes VALUES ($1)', ['late'])).rejects.toThrow('has ended')
  await expect(session.takeUpTo(1)).rejects.toThrow('has ended')
  expect(await notes()).toEqual([])
}

describe('A transaction', () => {
  it('commits what was done and gives back its result', async () => {
    const result = await store.database.inProject(projectId, async (session) => {
      await session.execute('INSERT INTO notes VALUES ($1)', ['kept'])
      return 'done'
    })
    expect(result).toBe('done')
    expect(await notes()).toEqual(['kept'])
  })

  it('commits nothing when the work throws, and passes the error on', async () => {
    const work = store.database.inProject(projectId, async (session) => {
      await session.execute('INSERT INTO notes VALUES ($1)', ['lost'])
      throw new Error('on purpose')
    })
    await expect(work).rejects.toThrow('on purpose')
    expect(await notes()).toEqual([])
  })

  it('does not pretend to be committed when the work swallowed an error of PostgreSQL', async () => {
    const work = store.database.acrossProjects(async (session) => {
      await session.execute('INSERT INTO notes VALUES ($1)', ['lost'])
      await session.rows('SELECT 1 / 0').catch(() => undefined)
    })
    await expect(work).rejects.toThrow('The transaction was not committed: ROLLBACK')
    expect(await notes()).toEqual([])
  })

  it('sees one moment when it only reads, and cannot write', async () => {
    const seen = await store.database.atOneMoment(projectId, async (session) => {
      const before = await session.rows('SELECT text FROM notes')
      await store.query('INSERT INTO notes VALUES ($1)', ['meanwhile'])
      return [before, await session.rows('SELECT text FROM notes')]
    })
    expect(seen).toEqual([[], []])
    const writing = store.database.atOneMoment(projectId, (session) =>
      session.execute('INSERT INTO notes VALUES ($1)', ['lost']),
    )
    await expect(writing).rejects.toThrow('read-only transaction')
    expect(await notes()).toEqual(['meanwhile'])
  })

  it('fails with the first error of statements that travel together, not with what it brought about', async () => {
    const work = store.database.inProject(projectId, (session) =>
      together(
        session.rows('SELECT 1'),
        session.rows('SELECT 1 / 0'),
        session.execute('INSERT INTO notes VALUES ($1)', ['lost']),
      ),
    )
    await expect(work).rejects.toThrow('division by zero')
    expect(await notes()).toEqual([])
  })

  it('lets nothing take effect that was asked for before it could not be begun', async () => {
    const own = createDataSource(store.url, { poolSize: 1, name: 'no begin' })
    await own.initialize()
    try {
      const runner = own.createQueryRunner()
      const client = (await runner.connect()) as unknown as { query: (...args: unknown[]) => unknown }
      const query = client.query.bind(client)
      client.query = (...args) => query(...(args[0] === 'BEGIN' ? ['BEGIN WRONG'] : args))
      await runner.release()
      const work = new Database(own).acrossProjects((session) =>
        session.execute('INSERT INTO notes VALUES ($1)', ['lost']),
      )
      await expect(work).rejects.toThrow('syntax error')
      expect(await notes()).toEqual([])
    } finally {
      await own.destroy()
    }
  })

  it('is committed with its last statement, while the work still goes on', async () => {
    const kept = await store.database.inProject(projectId, async (session) => {
      await session.execute('INSERT INTO notes VALUES ($1)', ['first'])
      await session.lastRow('INSERT INTO notes VALUES ($1) RETURNING text', ['last'])
      return notes()
    })
    expect(kept).toEqual(['first', 'last'])
  })

  it('commits nothing when its last statement fails, and fails with what was wrong with that', async () => {
    const work = store.database.inProject(projectId, async (session) => {
      await session.execute('INSERT INTO notes VALUES ($1)', ['lost'])
      return session.lastRow('INSERT INTO notes VALUES ($1) RETURNING text', ['lost'])
    })
    await expect(work).rejects.toThrow('duplicate key')
    expect(await notes()).toEqual([])
  })

  it('takes nothing more after its last statement, which would take effect by itself', async () => {
    const work = store.database.inProject(projectId, async (session) => {
      await session.lastRow('INSERT INTO notes VALUES ($1) RETURNING text', ['last'])
      await session.execute('INSERT INTO notes VALUES ($1)', ['after the end'])
    })
    await expect(work).rejects.toThrow('The transaction has ended.')
    expect(await notes()).toEqual(['last'])
  })

  it('takes nothing more once it has been rolled back', async () => {
    const left = deferred<Session>()
    const work = store.database.inProject(projectId, (session) => {
      left.resolve(session)
      return Promise.reject(new Error('on purpose'))
    })
    await expect(work).rejects.toThrow('on purpose')
    await expectLeft(await left.promise)
  })

  it('takes nothing more once all has been read', async () => {
    const read = await store.database.atOneMoment(projectId, (session) => Promise.resolve(session))
    await expectLeft(read)
  })

  it('takes nothing behind a last statement that has not been sent yet', async () => {
    const work = store.database.inProject(projectId, (session) => {
      const last = session.lastRow('INSERT INTO notes VALUES ($1) RETURNING text', ['last'])
      return together(last, session.execute('INSERT INTO notes VALUES ($1)', ['behind the end']))
    })
    await expect(work).rejects.toThrow('has ended')
    expect(await notes()).toEqual(['last'])
  })

  it('that only reads is ended, although nobody waits for it', async () => {
    const own = await openStore(1)
    try {
      await own.database.atOneMoment(projectId, (session) => session.row('SELECT 1 AS one'))
      // The only connection: whoever gets it next is behind the end of the reading.
      const row = await own.database.acrossProjects((session) =>
        session.row<{ project: string; read_only: string }>(
          `SELECT current_setting('rollcall.project_id', true) AS project,
             current_setting('transaction_read_only') AS read_only`,
        ),
      )
      expect(row).toEqual({ project: '', read_only: 'off' })
    } finally {
      await own.close()
    }
  })

  it('names its project to PostgreSQL, to its end and no longer', async () => {
    const named = await store.database.inProject(projectId, (session) =>
      session.row(`SELECT current_setting('rollcall.project_id') AS project`),
    )
    expect(named).toEqual({ project: projectId })
    for (let connection = 0; connection < 4; connection++) {
      const row = await store.database.acrossProjects((session) =>
        session.row<{ project: string | null }>(
          `SELECT current_setting('rollcall.project_id', true) AS project`,
        ),
      )
      expect(row?.project ?? '').toBe('')
    }
  })

  it.each(['', 'x', "'; DROP TABLE notes; --", '00000000-0000-0000-0000-00000000000G'])(
    'is not opened for a project named %j',
    async (name) => {
      await expect((async () => store.database.inProject(name, () => Promise.resolve()))()).rejects.toThrow(
        'uuid',
      )
      expect(await notes()).toEqual([])
    },
  )

  it('gives its connection back, whatever happens in it', async () => {
    for (let round = 0; round < 10; round++) {
      const work = store.database.inProject(projectId, (session) => session.rows('SELECT wrong'))
      await expect(work).rejects.toThrow('wrong')
    }
    expect(await store.database.acrossProjects((session) => session.rows('SELECT 1 AS one'))).toEqual([
      { one: 1 },
    ])
  })

  it('that loses its connection says that it is an outage, and the next gets another connection', async () => {
    const work = store.database.inProject(projectId, async (session) => {
      const row = await session.row<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await store.query('SELECT pg_terminate_backend($1)', [row?.pid])
      await session.rows('SELECT 1')
    })
    expect(isOutage(await work.catch((error: unknown) => error))).toBe(true)
    expect(await store.database.acrossProjects((session) => session.rows('SELECT 1 AS one'))).toEqual([
      { one: 1 },
    ])
  })

  it('that only reads gives no connection back that has forgotten its statements', async () => {
    const forgetful = await openStore(1)
    try {
      const read = () =>
        forgetful.database.atOneMoment(projectId, (session) => session.row('SELECT 1 AS one'))
      await read()
      await forgetful.database.acrossProjects((session) => session.rows('DEALLOCATE ALL'))
      await expect(read()).rejects.toThrow('does not exist')
      expect(await read()).toEqual({ one: 1 })
    } finally {
      await forgetful.close()
    }
  })

  it('cannot hold locks for ever: statements, waits and idle transactions have an end', async () => {
    const row = await store.database.acrossProjects((session) =>
      session.row(
        `SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
           current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('timezone') AS timezone`,
      ),
    )
    expect(row).toEqual({ statement: '25s', lock: '10s', idle: '28s', timezone: 'UTC' })
  })
})

describe('A session', () => {
  it('gives rows, the only row, or how many rows were touched', async () => {
    await store.database.inProject(projectId, async (session) => {
      expect(await session.execute(`INSERT INTO notes VALUES ('a'), ('b')`)).toBe(2)
      expect(await session.rows('SELECT text FROM notes ORDER BY text')).toEqual([
        { text: 'a' },
        { text: 'b' },
      ])
      expect(await session.row('SELECT text FROM notes WHERE text = $1', ['b'])).toEqual({ text: 'b' })
      expect(await session.row('SELECT text FROM notes WHERE text = $1', ['c'])).toBeUndefined()
      expect(await session.execute(`UPDATE notes SET text = text WHERE text = 'c'`)).toBe(0)
      expect(await session.execute('SET LOCAL synchronous_commit = off')).toBe(0)
    })
  })
})

describe('A connection that dies without a sign', () => {
  it('counts as an outage after a while, and the next transaction has another connection', async () => {
    const target = new URL(store.url)
    const proxy = await openTcpProxy({ host: target.hostname, port: Number(target.port) })
    const through = new URL(store.url)
    through.port = String(proxy.port)
    const connection = { poolSize: 1, name: 'rollcall test', answerTimeoutMs: 300 }
    const dataSource = await createDataSource(through.href, connection).initialize()
    const database = new Database(dataSource)
    const one = () => database.acrossProjects((session) => session.row('SELECT 1 AS one'))
    expect(await one()).toEqual({ one: 1 })
    proxy.freeze()
    const error: unknown = await one().catch((thrown: unknown) => thrown)
    expect(isOutage(error)).toBe(true)
    expect(await one()).toEqual({ one: 1 })
    await dataSource.destroy()
    await proxy.close()
  })
})

describe('A connection that is ended in the moment it is handed out', () => {
  it('does not take the process with it', async () => {
    const dataSource = await createDataSource(store.url, { poolSize: 1, name: 'rollcall test' }).initialize()
    const pool = (dataSource.driver as unknown as { master: Pool }).master
    try {
      const heard = new Promise<boolean>((resolve, reject) => {
        pool.connect((error, client, release) => {
          if (error || client === undefined) {
            reject(error ?? new Error('There is no connection.'))
            return
          }
          // Within this call nobody else listens yet, and what PostgreSQL says last may have come in with the rest.
          resolve(client.emit('error', new Error('terminating connection due to administrator command')))
          release(true)
        })
      })
      expect(await heard).toBe(true)
    } finally {
      await dataSource.destroy()
    }
  })
})
