import { Client } from 'pg'
import { type Launcher } from '../../rig/compiled.js'
import { Member } from '../../rig/member.js'
import { type Servers } from '../../rig/servers.js'

export interface StageOptions {
  readonly launcher: Launcher
  readonly servers: Servers
  /** Folder of the build to run. */
  readonly build: string
  /** Of its database. */
  readonly name: string
  readonly say: (line: string) => void
}

export interface Keys {
  readonly appId: string
  readonly appToken: string
}

/** An API and a worker on a database of their own. */
export class Stage {
  private constructor(
    readonly api: Member,
    readonly worker: Member,
    readonly keys: Keys,
    readonly admin: Client,
  ) {}

  static async build({ launcher, servers, build, name, say }: StageOptions): Promise<Stage> {
    const databaseUrl = await servers.addDatabase(name)
    await launcher.migrate(databaseUrl)
    const directory = new launcher.ProjectDirectory(databaseUrl)
    const keys = await directory.create('fuzz')
    await directory.close()
    const env = {
      PATH: process.env['PATH'],
      DATABASE_URL: await launcher.ensureServiceLogin(databaseUrl),
      REDIS_URL: servers.redis.url,
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'error',
      POLL_INTERVAL_MS: '200',
      // Small, so that what takes many chunks is had with few rows.
      CHUNK_BYTES: '1024',
    }
    const member = (role: 'api' | 'worker'): Member =>
      new Member({ name: role, role, main: `${build}/main.js`, env, nodeOptions: '', prefix: [], say })
    const [api, worker] = [member('api'), member('worker')]
    await Promise.all([api.start(), worker.start()])
    const admin = new Client({ connectionString: databaseUrl })
    admin.on('error', () => undefined) // a query on it will say so
    await admin.connect()
    return new Stage(api, worker, keys, admin)
  }

  get base(): string {
    return this.api.url
  }

  /** Processes that ended although nobody had asked them to. */
  get ended(): string[] {
    return [...this.api.surprises, ...this.worker.surprises].map(
      ({ member, ending }) => `the ${member} ended with ${ending}`,
    )
  }

  async stop(): Promise<void> {
    await this.admin.end()
    await Promise.all([this.api.stop(), this.worker.stop()])
  }
}
