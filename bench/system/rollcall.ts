import { randomBytes } from 'node:crypto'
import { Client, type DatabaseError } from 'pg'
import { say } from '../../rig/program.js'
import { type Context } from '../context.js'
import { type Launcher } from '../../rig/compiled.js'
import { EndedActions } from './ended-actions.js'
import { HttpClient } from './http-client.js'
import { Processes, type Role } from './processes.js'

const PATIENCE_MS = 600_000
const DEADLOCK = '40P01'
const MOST_DEADLOCKS = 20
/** One for all: several may run at a time. */
const PASSWORD = randomBytes(24).toString('hex')

/** What remains when everything that jobs left behind is removed. */
const KEPT_TABLES = ['migrations', 'installation', 'projects', 'api_keys', 'access_tokens', 'lanes']

export interface RollcallOptions {
  /** Name of its database. */
  readonly name: string
  readonly workers?: number
  /** Number of its database in Redis, where several run at a time. */
  readonly redisDatabase?: number
  /** Further settings of the API, by their variables. */
  readonly apiEnv?: NodeJS.ProcessEnv
}

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

/** Rollcall as `npm start` runs it, on a database of its own. */
export class Rollcall {
  readonly #projects: Project[] = []
  #stopping: Promise<void> | undefined

  private constructor(
    private readonly launcher: Launcher,
    readonly databaseUrl: string,
    readonly baseUrl: string,
    readonly processes: Processes,
    readonly admin: Client,
    private readonly ended: EndedActions,
  ) {}

  static async start({ launcher, servers, stopList }: Context, options: RollcallOptions): Promise<Rollcall> {
    const databaseUrl = await servers.addDatabase(options.name)
    await launcher.migrate(databaseUrl)
    const { workers = 1, apiEnv, redisDatabase = 0 } = options
    const { folder, redisUrl } = servers
    const env = {
      ...process.env,
      DATABASE_URL: await launcher.ensureServiceLogin(databaseUrl, PASSWORD),
      REDIS_URL: `${redisUrl}/${redisDatabase}`,
      DATA_DIR: folder,
      LOG_LEVEL: 'warn',
    }
    const port = await launcher.freePort()
    const processes = new Processes(launcher, { workers, env, apiEnv, folder, say }, port)
    stopList.add(() => processes.stop())
    const baseUrl = await processes.start()
    const admin = new Client({ connectionString: databaseUrl })
    admin.on('error', () => undefined) // a query on it will say so
    await admin.connect()
    const ended = await EndedActions.of(admin)
    const rollcall = new Rollcall(launcher, databaseUrl, baseUrl, processes, admin, ended)
    stopList.add(() => rollcall.stop())
    return rollcall
  }

  /** Ends its processes. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  /** Removes everything but the projects and their keys. */
  async empty(): Promise<void> {
    const tables = await this.#tables()
    // So that not even the rule applies which keeps events from being removed.
    await this.removeFrom(
      `SET session_replication_role = replica; TRUNCATE ${tables.join(', ')}; RESET session_replication_role`,
    )
  }

  /** Processes look into the same tables meanwhile, in an order of their own: who loses to them begins anew. */
  async removeFrom(truncate: string): Promise<void> {
    for (let deadlocks = 0; ; deadlocks++) {
      try {
        await this.admin.query(truncate)
        return
      } catch (error) {
        if ((error as DatabaseError).code !== DEADLOCK || deadlocks === MOST_DEADLOCKS) throw error
      }
    }
  }

  async addProject(name: string): Promise<Project> {
    const projects = new this.launcher.ProjectDirectory(this.databaseUrl)
    try {
      const { projectId, appId, appToken } = await projects.create(name)
      const http = new HttpClient(this.baseUrl, { 'X-App-Id': appId, 'X-App-Token': appToken })
      await http.get('/v1/async-actions') // connected, and the keys were seen
      const project = { projectId, http }
      this.#projects.push(project)
      return project
    } finally {
      await projects.close()
    }
  }

  /** Sends a request and waits until its job is done. */
  async run(project: Project, body: Buffer): Promise<JobTimes> {
    const begin = performance.now()
    const secondsSince = (): number => (performance.now() - begin) / 1000
    const id = await this.accept(project, body)
    const acceptedAfter = secondsSince()
    const action = await this.finished(project, id)
    return { acceptedAfter, seconds: secondsSince(), action }
  }

  /** Sends a request; resolves with the action's id. */
  async accept({ http }: Project, body: Buffer): Promise<string> {
    const { status, text } = await http.post('/v1/customers/bulk/async', body)
    if (status !== 202) throw new Error(`POST /v1/customers/bulk/async answered ${status}: ${text}`)
    return (JSON.parse(text) as { async_action_id: string }).async_action_id
  }

  /** As far as PostgreSQL has told by now. */
  hasEnded(id: string): boolean {
    return this.ended.has(id)
  }

  /** What the API shows of an action when it has ended; asks once, and not before. */
  async finished({ http }: Project, id: string): Promise<FinishedAction> {
    await this.ended.wait(id, PATIENCE_MS)
    const { status, text } = await http.get(`/v1/async-actions/${id}`)
    if (status !== 200) throw new Error(`GET /v1/async-actions/${id} answered ${status}: ${text}`)
    return JSON.parse(text) as FinishedAction
  }

  /** Of one project: customers, and the events of customers, whose ids come after `id`. */
  async count({ projectId }: Project, id = 'cust_'): Promise<{ customers: number; events: number }> {
    const { rows } = await this.admin.query<{ customers: number; events: number }>(
      `SELECT (SELECT count(*)::int FROM customers WHERE project_id = $1 AND id > $2) AS customers,
         (SELECT count(*)::int FROM events
          WHERE project_id = $1 AND stream_id > $2 AND stream_id LIKE 'cust\\_%') AS events`,
      [projectId, id],
    )
    return rows[0] ?? { customers: 0, events: 0 }
  }

  /** Seconds of CPU so far. */
  cpu(): Record<Role, number> {
    return this.processes.cpu()
  }

  async #stop(): Promise<void> {
    for (const { http } of this.#projects) http.close()
    await this.processes.stop()
    await this.admin.end()
  }

  async #tables(): Promise<string[]> {
    const { rows } = await this.admin.query<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1)`,
      [KEPT_TABLES],
    )
    return rows.map(({ name }) => name)
  }
}

/** Rollcall for as long as some work takes; then its database is removed. */
export async function withRollcall<T>(
  context: Context,
  options: RollcallOptions,
  work: (rollcall: Rollcall) => Promise<T>,
): Promise<T> {
  const rollcall = await Rollcall.start(context, options)
  try {
    return await work(rollcall)
  } finally {
    await rollcall.stop()
    await context.servers.dropDatabase(options.name)
  }
}
