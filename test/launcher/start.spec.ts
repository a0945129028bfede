import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { Client } from 'pg'
import { type DataFolder } from '../../src/launcher/data-folder/data-folder.js'
import { until } from '../../src/launcher/poll.js'
import { isRunning, signalProcess } from '../../src/launcher/data-folder/processes.js'
import { BEHIND } from '../../src/priority/index.js'
import { RunningFile, type RunningStart } from '../../src/launcher/data-folder/running-file.js'
import { eventually } from '../support/eventually.js'
import { makeFolder } from '../support/servers.js'

const CLONE = join(__dirname, '..', '..')

/** How a process' session stands against others, on a Linux that weighs sessions. */
function autogroupOf(pid = 0): string {
  const file = `/proc/${pid}/autogroup`
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : 'none'
}

/** The HOST that a process was given. */
function hostOf(pid = 0): string | undefined {
  const { stdout } = spawnSync('ps', ['eww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return /\sHOST=(\S+)/.exec(stdout)?.[1]
}

/** Who the API and the workers are to PostgreSQL. */
async function loginsOfProcesses(databaseUrl: string): Promise<string[]> {
  const owner = new Client({ connectionString: databaseUrl })
  await owner.connect()
  const { rows } = await owner.query<{ usename: string }>(
    `SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name IN ('rollcall api', 'rollcall worker')`,
  )
  await owner.end()
  return rows.map(({ usename }) => usename)
}

/** The sessions of those processes of PostgreSQL that serve the API, or a worker. */
async function sessionsServing(databaseUrl: string, name: string): Promise<string[]> {
  const owner = new Client({ connectionString: databaseUrl })
  await owner.connect()
  const { rows } = await owner.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE application_name = $1',
    [name],
  )
  await owner.end()
  return rows.map(({ pid }) => autogroupOf(pid))
}

/** A start in a process of its own, and everything it printed. */
interface Start {
  readonly process: ChildProcess
  readonly printed: () => string
}

describe('npm start', () => {
  let folder: DataFolder
  const starts: Start[] = []

  beforeAll(() => {
    folder = makeFolder()
  })

  afterEach(async () => {
    for (const start of starts.splice(0)) await end(start, 'SIGTERM')
  })

  afterAll(() => {
    rmSync(folder.path, { recursive: true, force: true })
  })

  it('explains itself, and takes no arguments', () => {
    const told = (...args: string[]) =>
      spawnSync(process.execPath, [join(CLONE, 'scripts', 'start.mjs'), ...args], {
        cwd: CLONE,
        encoding: 'utf8',
      })
    expect(told('--help')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(/^npm start\n/) as string,
    })
    expect(told('--port', '80')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/--port/) as string,
    })
  })

  it.each([
    [{ ROLE: 'worker' }, /ROLE=worker needs DATABASE_URL/],
    [{ OWNER_DATABASE_URL: 'postgres://owner@127.0.0.1/rollcall' }, /OWNER_DATABASE_URL needs DATABASE_URL/],
    [{ NODE_ENV: 'prod' }, /NODE_ENV must be production, development or test/],
    [{ PORT: 'abc' }, /PORT must be a whole number/],
    [{ PORT: '0x10' }, /PORT must be a whole number/],
    [
      { DATA_DIR: '/dev/null' },
      /^The data folder \/dev\/null cannot be used \(.*Set DATA_DIR to a folder .*\n$/,
    ],
    [
      { DATA_DIR: '/proc/foo' },
      /^The data folder \/proc\/foo cannot be made \(.*Set DATA_DIR to a folder .*\n$/,
    ],
  ])('ends with 2 when settings are wrong: %p', async (settings, message) => {
    const start = run(settings)
    expect(await exitCode(start)).toBe(2)
    expect(start.printed()).toMatch(message)
  })

  it.each([
    [
      { HOST: '8.8.8.8' },
      2,
      'Cannot listen on HOST=8.8.8.8: it is not an address of this machine. Set HOST to an address of this machine.\n',
    ],
    [
      { HOST: 'no-such-name.invalid' },
      2,
      /^Cannot listen on HOST=no-such-name\.invalid: .*\. Set HOST to an address of this machine\.\n$/,
    ],
  ])(
    'says once, and before it brings anything up, that it cannot listen there: %p',
    async (settings, code, says) => {
      const start = run(settings)
      expect(await exitCode(start)).toBe(code)
      expect(start.printed()).toMatch(says)
      expect(start.printed().split('\n')).toHaveLength(2)
    },
  )

  it('says once that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const start = run({ PORT: String(port) })
    expect(await exitCode(start)).toBe(1)
    expect(start.printed()).toBe(`PORT=${port} is in use on HOST=127.0.0.1. Set PORT to a free one.\n`)
    other.close()
  })

  it('prints what a newcomer needs, refuses a second start, and takes everything down in order', async () => {
    const start = await ready({ HOST: 'localhost' })
    const { baseUrl = '', children } = running()
    expect(start.printed()).toContain(`${baseUrl}/docs`)
    expect([hostOf(child('API')), hostOf(child('Worker 1'))]).toEqual(['localhost', '127.0.0.1'])
    expect(start.printed()).toMatch(/curl -X POST .*X-App-Id: \S+' -H 'X-App-Token: \S+'/)
    expect((await fetch(`${baseUrl}/health/ready`)).status).toBe(200)
    expect(autogroupOf(child('Worker 1'))).toMatch(new RegExp(`nice ${BEHIND.worker}$|^none$`))
    expect(autogroupOf(child('API'))).toMatch(/nice 0$|^none$/)
    const { databaseUrl = '' } = running()
    const all = async (name: string, where: RegExp): Promise<boolean | undefined> => {
      const sessions = await sessionsServing(databaseUrl, name)
      return (sessions.length > 0 && sessions.every((session) => where.test(session))) || undefined
    }
    expect(await all('rollcall api', /nice 0$|^none$/)).toBe(true)
    // Linux may let only ten sessions in a second.
    const isBack = new RegExp(`nice ${BEHIND.backend}$|^none$`)
    await eventually('all for workers are behind', () => all('rollcall worker', isBack), 30)
    expect(await loginsOfProcesses(databaseUrl)).toEqual(['rollcall_processes'])

    const second = run()
    expect(await exitCode(second)).toBe(1)
    expect(second.printed()).toContain(`in use by another start (process ${String(start.process.pid)}`)

    start.process.kill('SIGINT')
    start.process.kill('SIGTERM')
    expect(await exitCode(start)).toBe(0)
    expect(children.filter(isOurs)).toEqual([])
    expect(new RunningFile(folder).read()).toBeUndefined()
  })

  it('starts a killed worker again, and after a kill of the launcher takes over what it left', async () => {
    const first = await ready()
    const { databaseUrl, children } = running()
    const worker = child('Worker 1') ?? 0
    signalProcess({ pid: worker, mark: folder.path }, 'SIGKILL')
    await until(() => child('Worker 1') !== worker, {
      timeoutMs: 60_000,
      failure: 'the worker was not started again',
    })

    await end(first, 'SIGKILL')
    await ready()
    expect(running().databaseUrl).toBe(databaseUrl)
    expect(children.filter(isOurs)).toEqual([])
  })

  function run(settings: NodeJS.ProcessEnv = {}): Start {
    const child = spawn(process.execPath, [join(CLONE, 'scripts', 'start.mjs')], {
      cwd: CLONE,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '0', DATA_DIR: folder.path, ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (printed += String(text)))
    const start = { process: child, printed: () => printed }
    starts.push(start)
    return start
  }

  async function ready(settings: NodeJS.ProcessEnv = {}): Promise<Start> {
    const start = run(settings)
    const isReady = () => {
      if (start.process.exitCode !== null) throw new Error(`ended early: ${start.printed()}`)
      return start.printed().includes('Stop with Ctrl-C')
    }
    await until(isReady, { timeoutMs: 290_000, failure: 'not ready in 290 s' })
    return start
  }

  function running(): RunningStart {
    const start = new RunningFile(folder).read()
    if (!start) throw new Error('nothing runs')
    return start
  }

  function child(name: string): number | undefined {
    return running().children.find((each) => each.name === name)?.pid
  }

  function isOurs({ pid }: { pid: number }): boolean {
    return isRunning({ pid, mark: folder.path })
  }

  async function exitCode({ process }: Start): Promise<number | null> {
    if (process.exitCode === null && process.signalCode === null) await once(process, 'close')
    return process.exitCode
  }

  async function end(start: Start, signal: NodeJS.Signals): Promise<void> {
    start.process.kill(signal)
    await exitCode(start)
  }
})
