import { parse } from 'csv-parse/sync'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Client } from 'pg'
import { ProjectDirectory, type ProjectKeys } from '../../src/projects/index.js'
import { eventually } from './eventually.js'
import { type Answer, type CallOptions as SendOptions, send } from './http.js'
import { officialClient, type OfficialClient } from './official-client.js'
import { createDatabase, type TestDatabase } from './servers.js'

export { eventually, type Answer }

const MAIN = join(__dirname, '..', '..', 'dist', 'main.js')

export interface StartOptions {
  /** Worker processes to begin with. */
  readonly workers?: number
  /** A Redis of the test's own, or none at all; by default the shared one. */
  readonly redisUrl?: string | null
  /** Further settings, by their variables. */
  readonly env?: Record<string, string>
  /** Is given all that the processes write, errors too. */
  readonly onOutput?: (text: string) => void
}

export interface CallOptions extends Omit<SendOptions, 'keys'> {
  readonly keys?: ProjectKeys | null
}

export interface Action {
  readonly id: string
  readonly type: string
  readonly status: 'ENQUEUED' | 'IN_PROGRESS' | 'DONE' | 'FAILED'
  readonly operation_status: string
  readonly progress: number
  readonly created_at: string
  readonly updated_at: string
  readonly request_id: string
  readonly processing_time?: number
  readonly object: string
  readonly result?: {
    readonly done_count: number
    readonly failed_count: number
    readonly reports: string[]
    readonly reports_available_till: string
    readonly errors: { key: string; message: string; details: string; source_id: string }[]
  }
}

export type ReportLine = Record<'source_id' | 'found' | 'updated' | 'key' | 'message' | 'details', string>

/** A Rollcall of a test's own: real processes of the built code on a database of its own. */
export class Rollcall {
  readonly workers: ChildProcess[] = []
  /** Every process that was started and has not ended, also those that are not ready yet. */
  private readonly living = new Set<ChildProcess>()
  private api!: ChildProcess
  private stopped = false

  private constructor(
    readonly database: TestDatabase,
    readonly projects: ProjectDirectory,
    private readonly env: NodeJS.ProcessEnv,
    readonly keys: ProjectKeys & { projectId: string },
    private readonly onOutput?: (text: string) => void,
  ) {
    running.add(this)
  }

  base = ''

  static async start({ workers = 1, redisUrl, env = {}, onOutput }: StartOptions = {}): Promise<Rollcall> {
    const database = await createDatabase()
    const projects = new ProjectDirectory(database.url)
    const keys = await projects.create('test')
    const redis = redisUrl === undefined ? sharedRedis() : redisUrl
    const variables = {
      PATH: process.env['PATH'],
      DATABASE_URL: serviceUrl(database.url),
      ...(redis !== null && { REDIS_URL: redis }),
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'error',
      POLL_INTERVAL_MS: '500',
      LANE_LEASE_MS: '2000',
      ...env,
    }
    const rollcall = new Rollcall(database, projects, variables, keys, onOutput)
    await rollcall.startApi()
    await Promise.all(Array.from({ length: workers }, () => rollcall.startWorker()))
    return rollcall
  }

  async startApi(): Promise<void> {
    const { child, url } = await this.startProcess('api')
    this.api = child
    this.base = url
  }

  /** One more API on the same database; it is stopped with the others. Resolves to its address. */
  async startAnotherApi(env: Record<string, string> = {}): Promise<string> {
    return (await this.startProcess('api', env)).url
  }

  async startWorker(env: Record<string, string> = {}): Promise<ChildProcess> {
    const { child } = await this.startProcess('worker', env)
    this.workers.push(child)
    return child
  }

  /** Ends a worker at once, as a crash would. */
  async killWorker(worker: ChildProcess): Promise<void> {
    this.workers.splice(this.workers.indexOf(worker), 1)
    worker.kill('SIGKILL')
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit')
  }

  get apiPid(): number {
    return this.api.pid ?? 0
  }

  /** Asks all workers to end, and waits for it. */
  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map(stopProcess))
  }

  /** Asks the API to end, as an operator does; resolves to its exit code. */
  async stopApi(): Promise<number | null> {
    this.api.kill('SIGTERM')
    const [code] = (await once(this.api, 'exit')) as [number | null]
    return code
  }

  async killApi(): Promise<void> {
    this.api.kill('SIGKILL')
    await once(this.api, 'exit')
  }

  /** Ends everything. Whatever still uses it, such as a loop of a test that timed out, fails from then on. */
  async stop(): Promise<void> {
    if (this.stopped) return
    this.stopped = true
    running.delete(this)
    await Promise.all([...this.living].map(stopProcess))
    await this.projects.close()
    await this.database.drop()
  }

  /** The official client. */
  client(keys: ProjectKeys = this.keys): OfficialClient {
    return officialClient(this.base, keys)
  }

  /** Sends a request; fails when the answer is not one that the contract allows (test/contract/official). */
  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    { keys = this.keys, ...options }: CallOptions = {},
  ): Promise<Answer<Body>> {
    this.requireRunning()
    return send<Body>(this.base, method, path, { keys, ...options })
  }

  /** Sends a bulk request that must be accepted; the answer is the action's id. */
  async bulk(customers: unknown, keys: ProjectKeys = this.keys): Promise<string> {
    const answer = await this.call<{ async_action_id: string }>('POST', '/v1/customers/bulk/async', {
      keys,
      body: customers,
    })
    if (answer.status !== 202) throw new Error(`Not accepted: ${answer.status} ${answer.text}`)
    return answer.body.async_action_id
  }

  async action(id: string, keys: ProjectKeys = this.keys): Promise<Action> {
    const answer = await this.call<Action>('GET', `/v1/async-actions/${id}`, { keys })
    if (answer.status !== 200) throw new Error(`No action: ${answer.status} ${answer.text}`)
    return answer.body
  }

  /** Follows an action to its end. */
  async finished(id: string, keys: ProjectKeys = this.keys, seen?: Action[]): Promise<Action> {
    return eventually(`${id} ends`, async () => {
      const action = await this.action(id, keys)
      seen?.push(action)
      return action.status === 'DONE' || action.status === 'FAILED' ? action : undefined
    })
  }

  /** The lines of an ended action's report. */
  async report(action: Action): Promise<ReportLine[]> {
    return parse(await this.reportText(action), { columns: true })
  }

  async reportText({ result }: Action): Promise<string> {
    const response = await fetch(result?.reports[0] ?? '')
    if (response.status !== 200) throw new Error(`No report: ${response.status}`)
    return response.text()
  }

  /** A look behind the scenes. */
  async query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    this.requireRunning()
    const client = new Client({ connectionString: this.database.url })
    await client.connect()
    try {
      const { rows } = await client.query(sql, parameters)
      return rows as Row[]
    } finally {
      await client.end()
    }
  }

  /** One more process; it is stopped with the others. Resolves when it serves. */
  async startProcess(
    role: 'api' | 'worker',
    env: Record<string, string> = {},
  ): Promise<{ child: ChildProcess; url: string }> {
    this.requireRunning()
    const child = fork(MAIN, {
      env: { ...this.env, ...env, ROLE: role },
      stdio: this.onOutput ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    for (const stream of [child.stdout, child.stderr])
      if (this.onOutput) stream?.setEncoding('utf8').on('data', this.onOutput)
    this.living.add(child)
    const ready = once(child, 'message') as Promise<[{ url: string }]>
    const exit = once(child, 'exit').then(([code]) => {
      this.living.delete(child)
      throw new Error(`The process ended with ${String(code)} before it was ready.`)
    })
    const [{ url }] = await Promise.race([ready, exit])
    exit.catch(() => undefined)
    return { child, url }
  }

  private requireRunning(): void {
    if (this.stopped || over) throw new Error('This Rollcall was stopped: its test has ended.')
  }
}

/** Those that were started and not stopped. */
const running = new Set<Rollcall>()
let over = false

// A start that failed or took too long never reached the test that would have stopped it.
afterAll(async () => {
  over = true
  await Promise.all([...running].map((rollcall) => rollcall.stop()))
})

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

/** As processes should run: with a login that owns nothing (global-setup.ts makes it). */
const serviceUrl = (ownerUrl: string): string =>
  Object.assign(new URL(ownerUrl), { username: 'test_service', password: 'test' }).href

let databases = 0

/** A database of its own on the shared Redis, so that tests do not take each other's jobs. */
function sharedRedis(): string {
  const url = new URL(process.env['ROLLCALL_TEST_REDIS_URL'] ?? '')
  const first = (Number(process.env['JEST_WORKER_ID'] ?? 1) - 1) * 8
  url.pathname = `/${(first + (databases++ % 8)) % 16}`
  return url.href
}
