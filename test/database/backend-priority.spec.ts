import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { type DataSource } from 'typeorm'
import { createDataSource } from '../../src/database/index.js'
import { stepBackendBack } from '../../src/priority/index.js'
import { eventually } from '../support/eventually.js'
import { createDatabase, type TestDatabase } from '../support/servers.js'
import { openTcpProxy } from '../support/tcp-proxy.factory.js'

const CONNECTIONS = 4
const STEPS = 7
/** Only Linux tells whose process it is. */
const reached = process.platform === 'linux' ? STEPS : 0

let testDatabase: TestDatabase
const open: DataSource[] = []

beforeAll(async () => {
  testDatabase = await createDatabase()
})
afterEach(async () => {
  for (const source of open.splice(0)) await source.destroy()
})
afterAll(() => testDatabase.drop())

/** As many connections as there may be, and the process of PostgreSQL that serves each. */
async function connect(url: string, stepsBack?: number): Promise<number[]> {
  const source = await createDataSource(url, {
    poolSize: CONNECTIONS,
    name: 'rollcall test',
    ...(stepsBack !== undefined && { stepsBack }),
  }).initialize()
  open.push(source)
  const runners = Array.from({ length: CONNECTIONS }, () => source.createQueryRunner())
  const answers = await Promise.all(
    runners.map((runner) => runner.query('SELECT pg_backend_pid() AS pid') as Promise<[{ pid: number }]>),
  )
  for (const runner of runners) await runner.release()
  return answers.map(([{ pid }]) => pid)
}

/** Steps behind others: of the process, and of its session where Linux weighs sessions. */
function standing(pid: number): { process: number; session: number } {
  const file = `/proc/${pid}/autogroup`
  const session = existsSync(file) ? /nice (-?\d+)/.exec(readFileSync(file, 'utf8'))?.[1] : undefined
  return { process: getPriority(pid), session: Number(session ?? getPriority(pid)) }
}

const behind = (steps: number) => ({ process: steps, session: steps })

describe('What PostgreSQL does for connections', () => {
  it('steps back when they are asked to, each of them', async () => {
    const pids = await connect(testDatabase.url, STEPS)
    expect(new Set(pids).size).toBe(CONNECTIONS)
    const isBack = (pid: number) => Object.values(standing(pid)).every((steps) => steps === reached)
    // Linux may let only ten sessions in a second.
    await eventually('all have stepped back', () => Promise.resolve(pids.every(isBack) || undefined), 30)
    expect(pids.map(standing)).toEqual(pids.map(() => behind(reached)))
  })

  it('stands where it stood when they are not', async () => {
    const [pid = 0] = await connect(testDatabase.url)
    expect(standing(pid)).toEqual(behind(0))
  })

  it('is left alone when the process of that number serves somebody else, as a pooler', async () => {
    const url = new URL(testDatabase.url)
    const pooler = await openTcpProxy({ host: url.hostname, port: Number(url.port) })
    url.port = String(pooler.port)
    const pids = await connect(url.href, STEPS)
    expect(pids.map(standing)).toEqual(pids.map(() => behind(0)))
    await pooler.close()
  })

  it('is never taken for a process that is not of PostgreSQL, nor for one that has ended', async () => {
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', argv0: 'sleep (5432)' })
    const { pid = 0 } = stranger
    await stepBackendBack({ pid, clientPort: 5432 }, STEPS)
    expect(standing(pid)).toEqual(behind(0))
    stranger.kill()
    await once(stranger, 'exit')
    await expect(stepBackendBack({ pid, clientPort: 5432 }, STEPS)).resolves.toBeUndefined()
  })
})
