import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { Client } from 'pg'
import { type DataFolder } from '../../src/launcher/data-folder/data-folder.js'
import { EmbeddedPostgres } from '../../src/launcher/postgres/embedded-postgres.js'
import { freeMegabytesAt, hasRoomForWal, reserveWal } from '../../src/launcher/postgres/reserve-wal.js'
import { hasEnded, isRunning } from '../../src/launcher/data-folder/processes.js'
import { readPrivately, writePrivately } from '../../src/launcher/data-folder/private-file.js'
import { until } from '../../src/launcher/poll.js'
import { makeFolder } from '../support/servers.js'

const SHARED_FOLDER = '/var/lib/rollcall'

describe('embedded PostgreSQL', () => {
  const said: string[] = []
  let folder: DataFolder
  let server: EmbeddedPostgres

  beforeAll(async () => {
    folder = makeFolder()
    server = open()
    await server.start()
  })

  afterAll(async () => {
    await server.stop()
    rmSync(folder.path, { recursive: true, force: true })
  })

  it('listens on 127.0.0.1 only, wants a password, and keeps it to its owner', async () => {
    expect(await query("SELECT current_setting('listen_addresses') AS value")).toBe('127.0.0.1')
    expect(await query("SELECT current_setting('server_encoding') AS value")).toBe('UTF8')
    expect(statSync(folder.file('postgres.json')).mode & 0o777).toBe(0o600)
    const wrong = new URL(server.url)
    wrong.password = 'wrong'
    await expect(query('SELECT 1 AS value', wrong.href)).rejects.toThrow(/password authentication failed/)
  })

  it('writes no keys into its log, because persons may be named by them', async () => {
    await query(`CREATE TABLE named (key text PRIMARY KEY)`)
    await query(`INSERT INTO named VALUES ($$kanari$$)`)
    await expect(query(`INSERT INTO named SELECT key FROM named`)).rejects.toThrow('duplicate key')
    const log = readFileSync(folder.file('postgres.log'), 'utf8')
    expect(log).toContain('duplicate key value violates unique constraint')
    expect(log).not.toContain('(key)=(kanari)')
  })

  const UNUSED =
    'SELECT count(*)::int AS value FROM pg_ls_waldir() WHERE name > pg_walfile_name(pg_current_wal_lsn())'
  const CURRENT = 'SELECT pg_walfile_name(pg_current_wal_lsn()) AS value'

  it('makes segments for its write-ahead log, unless they are there', async () => {
    const reserve = { segments: 4, patienceMs: 60_000 }
    expect(await query(UNUSED)).toBe(0)
    await reserveWal(server.url, reserve)
    expect(await query(UNUSED)).toBeGreaterThanOrEqual(3)
    const before = await query(CURRENT)
    await reserveWal(server.url, reserve)
    expect(await query(CURRENT)).toBe(before)
  })

  it('does not wait for a slow disk, and makes no segments for a start that was given up', async () => {
    const before = await query(CURRENT)
    const givenUp = reserveWal(server.url, { segments: 40, patienceMs: 60_000 }, AbortSignal.abort())
    await expect(givenUp).rejects.toThrow('aborted')
    await reserveWal(server.url, { segments: 40, patienceMs: 0 })
    expect(await query(CURRENT)).toBe(before)
  })

  it('has segments ready from the first start on, where the disk has room for them', async () => {
    const own = makeFolder()
    const durable = new EmbeddedPostgres({ folder: own, say })
    const hasRoom = hasRoomForWal(own.path)
    try {
      await durable.start()
      expect(readPrivately(own.file('postgres.json'))).toMatchObject(hasRoom ? { hasReservedWal: true } : {})
      const least = await query(`SELECT current_setting('min_wal_size') AS value`, durable.url)
      expect(least).toBe(hasRoom ? '1GB' : '80MB')
      expect(await query(UNUSED, durable.url)).toBeGreaterThanOrEqual(hasRoom ? 1 : 0)
    } finally {
      await durable.stop()
      rmSync(own.path, { recursive: true, force: true })
    }
  })

  it('knows how much of its disk is free', () => {
    const [, line = ''] = execFileSync('df', ['-Pk', folder.path], { encoding: 'utf8' }).split('\n')
    const free = Number(line.split(/\s+/)[3]) / 1_024
    expect(Math.abs(freeMegabytesAt(folder.path) - free)).toBeLessThan(free / 10)
  })

  it('is taken over by the next start when it outlived the last', async () => {
    const next = open()
    await next.start()
    expect(next.pid).toBe(server.pid)
    expect(next.url).toBe(server.url)
  })

  it('comes back after kill -9 with what was committed, at the same address', async () => {
    await query('CREATE TABLE kept AS SELECT 7 AS value')
    const { url, pid } = server
    await kill(server)
    expect(server.isRunning()).toBe(false)
    await server.start()
    expect(server.pid).not.toBe(pid)
    expect(await query('SELECT value FROM kept', url)).toBe(7)
  })

  it.each([
    ['a process that is gone', () => undefined],
    ['a process that is now something else', (note: string) => note.replace(/^\d+/, String(process.pid))],
  ])('does not start beside a backend of a killed one, though the note names %s', async (_, change) => {
    const note = folder.file('postgres/postmaster.pid')
    const session = new Client({ connectionString: server.url })
    session.on('error', () => undefined) // its server is killed below
    await session.connect()
    const earlier = log().length
    const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const backend = rows[0]?.pid ?? 0
    process.kill(backend, 'SIGSTOP')
    await kill(server)
    const left = afterPid(readFileSync(note, 'utf8'))
    const changed = change(readFileSync(note, 'utf8'))
    if (changed !== undefined) writeFileSync(note, changed)
    server = open()
    let started = false
    const start = server.start().then(() => (started = true))
    await until(() => log().slice(earlier).includes('pre-existing shared memory block'), {
      timeoutMs: 60_000,
      failure: 'PostgreSQL did not see the backend',
    })
    expect(started).toBe(false)
    // Its lines after the process id name the shared memory that the backend still uses.
    expect(afterPid(readFileSync(note, 'utf8'))).toEqual(left)
    process.kill(backend, 'SIGKILL')
    await start
    await session.end()
    expect(await query('SELECT value FROM kept')).toBe(7)
  })

  it('is not kept from starting by a note that was cut short', async () => {
    await server.stop()
    writeFileSync(folder.file('postgres/postmaster.pid'), '')
    server = open()
    await server.start()
    expect(await query('SELECT value FROM kept')).toBe(7)
  })

  it('is not kept from starting by a note of a process that is now something else', async () => {
    await server.stop()
    const note = `${String(process.pid)}\n${folder.file('postgres')}\n1\n1\n\n\n`
    writeFileSync(folder.file('postgres/postmaster.pid'), note)
    server = open()
    await server.start()
    expect(await query('SELECT value FROM kept')).toBe(7)
  })

  it('says so when its data is gone, instead of beginning with an empty database', async () => {
    const lost = makeFolder()
    writePrivately(lost.file('postgres.json'), { place: 'postgres', password: 'x', created: true })
    const start = new EmbeddedPostgres({ folder: lost, say, durable: false }).start()
    await expect(start).rejects.toThrow(/is gone/)
    rmSync(lost.path, { recursive: true })
  })

  const openIn = (of: DataFolder) => new EmbeddedPostgres({ folder: of, say, durable: false })

  it('says so when its data is there and its password is not, and makes up no other', () => {
    const lost = makeFolder()
    mkdirSync(lost.file('postgres'))
    expect(() => openIn(lost)).toThrow(
      `${lost.file('postgres.json')}, which has its password, is gone. Put it back.`,
    )
    expect(existsSync(lost.file('postgres.json'))).toBe(false)
    rmSync(lost.path, { recursive: true })
  })

  it.each(['{}', '[]', 'null', '{"place":"postgres"}', '{"place":1,"password":"x"}'])(
    'says so when its note is damaged: %s',
    (note) => {
      const damaged = makeFolder()
      writePrivately(damaged.file('postgres.json'), note)
      expect(() => openIn(damaged)).toThrow(`${damaged.file('postgres.json')} is damaged: it must have`)
      rmSync(damaged.path, { recursive: true })
    },
  )

  it('says soon that its password is another one', async () => {
    const restored = makeFolder()
    const first = openIn(restored)
    await first.start()
    await first.stop()
    const note = readPrivately(restored.file('postgres.json')) as object
    writePrivately(restored.file('postgres.json'), { ...note, password: 'another' })
    const second = openIn(restored)
    await expect(second.start()).rejects.toThrow(/with another password than the one kept in/)
    await second.stop()
    rmSync(restored.path, { recursive: true })
  })

  it('begins anew where the first start was killed half-way', async () => {
    const halfway = makeFolder()
    mkdirSync(halfway.file('postgres.new'))
    writeFileSync(halfway.file('postgres.new/PG_VERSION'), '18\n')
    const other = new EmbeddedPostgres({ folder: halfway, say, durable: false })
    await other.start()
    expect(await query('SELECT 1 AS value', other.url)).toBe(1)
    await other.stop()
    expect(other.isRunning()).toBe(false)
    rmSync(halfway.path, { recursive: true })
  })

  it('as root moves its data out of a folder that only root can enter, and prints where to', async () => {
    const hadShared = existsSync(SHARED_FOLDER)
    const closed = makeFolder()
    chmodSync(closed.path, 0o700)
    const other = new EmbeddedPostgres({ folder: closed, say, durable: false })
    await other.start()
    await other.stop()
    const { place } = readPrivately(closed.file('postgres.json')) as { place: string }
    const isRoot = process.getuid?.() === 0
    expect(place).toMatch(isRoot ? /^\/var\/lib\/rollcall\/data-/ : /^postgres$/)
    expect(said.some((line) => line.endsWith(place))).toBe(isRoot)
    expect(existsSync(closed.file('postgres/PG_VERSION'))).toBe(!isRoot)
    if (isRoot) rmSync(place, { recursive: true })
    if (isRoot && !hadShared && readdirSync(SHARED_FOLDER).length === 0) rmdirSync(SHARED_FOLDER)
    rmSync(closed.path, { recursive: true })
  })

  function afterPid(note: string): string[] {
    return note.split('\n').slice(1)
  }

  function log(): string {
    return readFileSync(folder.file('postgres.log'), 'utf8')
  }

  function open(): EmbeddedPostgres {
    return new EmbeddedPostgres({ folder, say, durable: false })
  }

  function say(line: string): void {
    said.push(line)
  }

  async function kill({ pid }: EmbeddedPostgres): Promise<void> {
    if (pid === undefined) throw new Error('not started')
    const known = { pid, mark: folder.file('postgres') }
    expect(isRunning(known)).toBe(true)
    process.kill(pid, 'SIGKILL')
    expect(await hasEnded(known, 60_000)).toBe(true)
  }

  async function query(sql: string, url = server.url): Promise<unknown> {
    const client = new Client({ connectionString: url })
    await client.connect()
    try {
      const { rows } = await client.query<{ value: unknown }>(sql)
      return rows[0]?.value
    } finally {
      await client.end()
    }
  }
})
