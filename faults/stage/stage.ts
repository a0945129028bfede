import { join } from 'node:path'
import { type Launcher } from '../../rig/compiled.js'
import { Member, type Role } from '../../rig/member.js'
import { type Servers } from '../../rig/servers.js'
import { Admin } from './admin.js'
import { type Build } from './build.js'
import { type Host, makeHost, THIS_HOST } from './host.js'
import { Proxy } from './proxy.js'

/** Short, so that much happens in little time; every bound that is promised follows from them. */
export const SETTINGS = { leaseMs: 2_000, pollMs: 500, chunkBytes: 2_000 } as const

/** Memory of an API that is enough for all it may be asked at once, and for nothing that is kept by mistake. */
const HEAP_MB = 256

export const APIS = 2
export const WORKERS = 3
export const PROJECTS = 3

const INSIDE = join('faults', 'inside', 'inside.cjs')
const heapOf = (role: Role): string => (role === 'api' ? `--max-old-space-size=${HEAP_MB}` : '')

export interface StageOptions {
  readonly clone: string
  readonly build: Build
  readonly launcher: Launcher
  readonly servers: Servers
  /** Of its database. */
  readonly name: string
  /** Gives each process a host of its own. */
  readonly hosts: boolean
  readonly say: (line: string) => void
}

export interface Project {
  readonly number: number
  readonly projectId: string
  readonly appId: string
  readonly appToken: string
}

/** The ways of a process to others, and of others to it. */
interface Links {
  readonly postgres: Proxy
  readonly redis: Proxy
  /** Where clients reach it; workers have none. */
  readonly http: Proxy | undefined
}

/** A process and all its ways to others. */
export interface Actor extends Links {
  readonly member: Member
  readonly host: Host
}

/** What a process is to run, and where. */
interface Placement {
  readonly build: Build
  readonly host: Host
  readonly links: Links
}

/** Everything of one run: two APIs and three workers over one PostgreSQL and one Redis, with proxies between all. */
export class Stage {
  readonly projects: Project[] = []
  readonly actors: Actor[] = []
  readonly #proxies: Proxy[] = []

  private constructor(
    readonly options: StageOptions,
    readonly databaseUrl: string,
    /** With the login of the processes, past every proxy. */
    private readonly processesUrl: string,
    readonly admin: Admin,
  ) {}

  static async build(options: StageOptions): Promise<Stage> {
    const { servers, launcher, name } = options
    const databaseUrl = await servers.addDatabase(name)
    await launcher.migrate(databaseUrl)
    const processesUrl = await launcher.ensureServiceLogin(databaseUrl)
    const stage = new Stage(options, databaseUrl, processesUrl, new Admin(databaseUrl))
    try {
      await stage.#addProjects()
      for (let number = 1; number <= APIS; number++) await stage.#addActor('api', number)
      for (let number = 1; number <= WORKERS; number++) await stage.#addActor('worker', number)
      await Promise.all(stage.actors.map(({ member }) => member.start()))
      return stage
    } catch (error) {
      await stage.tearDown()
      throw error
    }
  }

  get servers(): Servers {
    return this.options.servers
  }

  get apis(): Actor[] {
    return this.actors.filter(({ http }) => http !== undefined)
  }

  get workers(): Actor[] {
    return this.actors.filter(({ http }) => http === undefined)
  }

  /** What clients call, one address for each API; they stay the same over restarts. */
  get addresses(): string[] {
    return this.apis.map(({ http }) => `http://127.0.0.1:${http?.port ?? 0}`)
  }

  /** A way to PostgreSQL of somebody's own. */
  async openWay(): Promise<Proxy> {
    return this.#open(() => this.#postgresAddress())
  }

  /** Gives every link back what a fault took. */
  heal(): void {
    for (const proxy of this.#proxies) proxy.heal()
    for (const { member, host } of this.actors) {
      member.resume()
      member.tell('clock', { ms: 0 })
      member.tell('point', { at: undefined })
      host.plug?.()
    }
  }

  /** Everybody serves, or will as soon as it has started. */
  async isWhole(): Promise<void> {
    await Promise.all(this.actors.map(({ member }) => member.isReady()))
  }

  async tearDown(): Promise<void> {
    await Promise.all(this.actors.map(({ member }) => member.stop()))
    for (const proxy of this.#proxies) proxy.close()
    for (const { host } of this.actors) host.remove()
    await this.admin.close()
    await this.servers.dropDatabase(this.options.name)
  }

  async #addProjects(): Promise<void> {
    const directory = new this.options.launcher.ProjectDirectory(this.databaseUrl)
    try {
      for (let number = 1; number <= PROJECTS; number++)
        this.projects.push({ number, ...(await directory.create(`project ${number}`)) })
    } finally {
      await directory.close()
    }
  }

  /** One more process, of whatever build, that is not one of ours; whoever has it started stops it. */
  async addGuest(name: string, build: Build): Promise<Member> {
    const host = THIS_HOST
    const links = {
      postgres: await this.#open(() => this.#postgresAddress()),
      redis: await this.#openRedis(),
      http: undefined,
    }
    const member = this.#makeMember('worker', name, { build, host, links })
    await member.start()
    return member
  }

  async #addActor(role: Role, number: number): Promise<void> {
    const { hosts, build } = this.options
    const host = hosts ? makeHost(this.actors.length + 1) : THIS_HOST
    const links = {
      postgres: await this.#open(() => this.#postgresAddress(), host.gateway),
      redis: await this.#openRedis(host.gateway),
      http:
        role === 'api'
          ? await this.#open(() => ({ ...addressOf(member.url), host: host.address }))
          : undefined,
    }
    const member: Member = this.#makeMember(role, `${role} ${number}`, { build, host, links })
    this.actors.push({ member, host, ...links })
  }

  #makeMember(role: Role, name: string, { build, host, links }: Placement): Member {
    const { clone, say } = this.options
    const env = this.#environment(build, host, links)
    const nodeOptions = `--require=${JSON.stringify(join(clone, INSIDE))} ${heapOf(role)}`
    return new Member({ name, role, main: build.main, env, nodeOptions, prefix: host.prefix, say })
  }

  #environment(build: Build, host: Host, { postgres, redis, http }: Links) {
    return {
      PATH: process.env['PATH'],
      DATABASE_URL: through(this.processesUrl, { host: host.gateway, port: postgres.port }),
      REDIS_URL: through(this.servers.redis.url, { host: host.gateway, port: redis.port }),
      HOST: host.address,
      PORT: '0',
      ...(http && { PUBLIC_URL: `http://127.0.0.1:${http.port}` }),
      LOG_LEVEL: 'warn',
      LANE_LEASE_MS: String(SETTINGS.leaseMs),
      POLL_INTERVAL_MS: String(SETTINGS.pollMs),
      CHUNK_BYTES: String(SETTINGS.chunkBytes),
      FAULTS_BUILD: build.folder,
    }
  }

  #postgresAddress() {
    return addressOf(this.servers.postgres.url)
  }

  #openRedis(host?: string): Promise<Proxy> {
    return this.#open(() => addressOf(this.servers.redis.url), host)
  }

  async #open(target: () => { host: string; port: number }, host?: string): Promise<Proxy> {
    const proxy = await Proxy.open(target, host)
    this.#proxies.push(proxy)
    return proxy
  }
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname: host, port } = new URL(url)
  return { host, port: Number(port) }
}

function through(url: string, { host, port }: { host: string; port: number }): string {
  const changed = new URL(url)
  changed.hostname = host
  changed.port = String(port)
  return changed.href
}
