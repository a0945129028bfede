import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { type Launcher } from './compiled.js'
import { HttpClient } from './http-client.js'
import { MemoryWatch } from './memory-watch.js'
import { type Payload, type Phase } from '../payloads.js'
import { cpuOf, type Memory, peakRssOf } from './procfs.js'
import { type Servers } from './servers.js'

type StopList = InstanceType<Launcher['StopList']>
export type Role = 'api' | 'worker'
type Child = InstanceType<Launcher['Child']>

/** Often enough to be exact to a hundredth of a second, seldom enough not to be a load itself. */
const POLL_MS = 20
const PATIENCE_MS = 300_000

/** Everything the jobs leave behind, so that each round begins with empty tables. */
const EMPTY = `
  SET session_replication_role = replica;
  TRUNCATE customers, customer_counters, customer_clocks, events, async_actions, async_action_payloads,
    async_action_reports;
  RESET session_replication_role`

export interface Project {
  readonly projectId: string
  readonly http: HttpClient
}

/** One job, from sending its request to reading that it is done. */
export interface JobTimes {
  readonly acceptedAfter: number
  readonly seconds: number
  /** What the API showed of the action at the end. */
  readonly action: FinishedAction
}

export interface FinishedAction {
  readonly status: string
  readonly result?: { done_count: number; failed_count: number; reports: string[] }
}

export interface ProcessMemory extends Partial<Memory> {
  readonly peakRss: number | undefined
}

/** Rollcall as `npm start` runs it: one API and one worker, each a process of its own. */
export class Rollcall {
  private constructor(
    private readonly launcher: Launcher,
    private readonly databaseUrl: string,
    private readonly baseUrl: string,
    private readonly children: { readonly api: Child; readonly worker: Child },
    private readonly starts: Readonly<Record<Role, number>>,
    private readonly admin: Client,
  ) {}

  /** Whether either process ended and was started again. */
  get wasInterrupted(): boolean {
    return this.starts.api > 1 || this.starts.worker > 1
  }

  static async start(launcher: Launcher, servers: Servers, stopList: StopList): Promise<Rollcall> {
    const env = {
      ...process.env,
      DATABASE_URL: servers.rollcallUrl,
      REDIS_URL: servers.redisUrl,
      DATA_DIR: servers.folder,
      LOG_LEVEL: 'warn',
    }
    const starts = { api: 0, worker: 0 }
    const make = (role: Role, port: number): Child => {
      const onSpawn = (): void => {
        starts[role]++
      }
      const child = new launcher.Child({
        name: role,
        role,
        port,
        env,
        dataFolder: servers.folder,
        say,
        onSpawn,
      })
      stopList.add(() => child.stop())
      return child
    }
    const children = { api: make('api', await launcher.freePort()), worker: make('worker', 0) }
    const [baseUrl] = await Promise.all([children.api.start(), children.worker.start()])
    const admin = new Client({ connectionString: servers.rollcallUrl })
    await admin.connect()
    stopList.add(() => admin.end())
    return new Rollcall(launcher, servers.rollcallUrl, baseUrl, children, starts, admin)
  }

  async empty(): Promise<void> {
    await this.admin.query(EMPTY)
  }

  async addProject(name: string): Promise<Project> {
    const projects = new this.launcher.ProjectDirectory(this.databaseUrl)
    try {
      const { projectId, appId, appToken } = await projects.create(name)
      const http = new HttpClient(this.baseUrl, { 'X-App-Id': appId, 'X-App-Token': appToken })
      await http.get('/v1/async-actions') // connected, and the keys were seen
      return { projectId, http }
    } finally {
      await projects.close()
    }
  }

  async run({ http }: Project, { bodies }: Payload, phase: Phase): Promise<JobTimes> {
    const begin = performance.now()
    const id = await send(http, bodies[phase])
    const acceptedAfter = (performance.now() - begin) / 1000
    const action = await untilFinished(http, id)
    return { acceptedAfter, seconds: (performance.now() - begin) / 1000, action }
  }

  /** The memory that both processes need while several requests are queued; the times do not count. */
  async pileUp(
    { http }: Project,
    { bodies }: Payload,
    requests: number,
  ): Promise<{ actions: FinishedAction[]; memory: Record<Role, ProcessMemory> }> {
    const watches = {
      api: new MemoryWatch(() => this.children.api.pid),
      worker: new MemoryWatch(() => this.children.worker.pid),
    }
    const ids = await Promise.all(
      Array.from({ length: requests }, (_, index) =>
        send(http, index % 2 === 0 ? bodies.new : bodies.changed),
      ),
    )
    const actions: FinishedAction[] = []
    for (const id of ids) actions.push(await untilFinished(http, id))
    watches.api.stop()
    watches.worker.stop()
    const memory = {
      api: { ...watches.api.peak, peakRss: peakRssOf(this.children.api.pid) },
      worker: { ...watches.worker.peak, peakRss: peakRssOf(this.children.worker.pid) },
    }
    return { actions, memory }
  }

  async count(projectId: string): Promise<{ customers: number; events: number }> {
    const { rows } = await this.admin.query<{ customers: number; events: number }>(
      `SELECT (SELECT count(*)::int FROM customers WHERE project_id = $1) AS customers,
         (SELECT count(*)::int FROM events WHERE project_id = $1 AND stream_id LIKE 'cust\\_%') AS events`,
      [projectId],
    )
    return rows[0] ?? { customers: 0, events: 0 }
  }

  /** Seconds of CPU so far. */
  cpu(): Record<Role, number> {
    const { api, worker } = this.children
    return { api: cpuOf(api.pid), worker: cpuOf(worker.pid) }
  }
}

async function send(http: HttpClient, body: Buffer): Promise<string> {
  const { status, text } = await http.post('/v1/customers/bulk/async', body)
  if (status !== 202) throw new Error(`POST /v1/customers/bulk/async answered ${status}: ${text}`)
  return (JSON.parse(text) as { async_action_id: string }).async_action_id
}

async function untilFinished(http: HttpClient, id: string): Promise<FinishedAction> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    const { status, text } = await http.get(`/v1/async-actions/${id}`)
    if (status !== 200) throw new Error(`GET /v1/async-actions/${id} answered ${status}: ${text}`)
    const action = JSON.parse(text) as FinishedAction
    if (action.status === 'DONE' || action.status === 'FAILED') return action
    await pause(POLL_MS)
  }
  throw new Error(`${id} was not done after ${PATIENCE_MS / 1000} s`)
}

function say(line: string): void {
  console.error(line)
}
