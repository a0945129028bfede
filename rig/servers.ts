import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { type Launcher } from './compiled.js'
import { type Disk, mountDisk } from './disk.js'

type StopList = InstanceType<Launcher['StopList']>

export interface ServerOptions {
  readonly launcher: Launcher
  readonly stopList: StopList
  readonly say: (line: string) => void
  /** What its temporary folder is called. */
  readonly name: string
  /** Puts databases on a small disk that can be filled, where this user may mount one. */
  readonly onSmallDisk?: boolean
}

/** A PostgreSQL and a Redis of one's own, in a temporary folder. They can be killed and come back. */
export class Servers {
  private constructor(
    readonly postgres: InstanceType<Launcher['EmbeddedPostgres']>,
    readonly redis: InstanceType<Launcher['EmbeddedRedis']>,
    readonly folder: string,
    /** Where the databases lie: a disk that can be filled. None where this user may not mount one. */
    readonly disk: Disk | undefined,
  ) {}

  static async start({ launcher, stopList, say, name, onSmallDisk }: ServerOptions): Promise<Servers> {
    const folder = mkdtempSync(join(tmpdir(), `rollcall-${name}-`))
    chmodSync(folder, 0o711) // as root PostgreSQL runs as somebody else, who must get to its own part
    stopList.add(() => {
      rmSync(folder, { recursive: true, force: true })
    })
    const dataFolder = new launcher.DataFolder(folder)
    const disk = onSmallDisk ? mountDisk(join(folder, 'disk')) : undefined
    if (disk)
      stopList.add(() => {
        disk.unmount()
      })
    const postgres = new launcher.EmbeddedPostgres({ folder: dataFolder, say, connections: 300 })
    stopList.add(() => postgres.stop())
    await postgres.start()
    const binary = await launcher.findRedis({ env: process.env, say })
    const redis = new launcher.EmbeddedRedis({ binary, folder: dataFolder, say })
    stopList.add(() => redis.stop())
    await redis.start()
    const servers = new Servers(postgres, redis, folder, disk)
    if (disk) await servers.giveDisk(disk)
    return servers
  }

  /** An empty database; resolves with its URL. */
  async addDatabase(name: string): Promise<string> {
    await this.#administer(`CREATE DATABASE ${name} ${this.disk ? 'TABLESPACE small' : ''}`)
    return this.urlOf(name)
  }

  async dropDatabase(name: string): Promise<void> {
    await this.#administer(`DROP DATABASE ${name} WITH (FORCE)`)
  }

  /** Directly, or by way of whatever listens on another port. */
  urlOf(database: string, port?: number): string {
    const url = new URL(this.postgres.url)
    url.pathname = `/${database}`
    if (port !== undefined) url.port = String(port)
    return url.href
  }

  /** Ends PostgreSQL at once, as a crash would; it recovers when it is started. */
  async crashPostgres(): Promise<void> {
    if (this.postgres.pid !== undefined) process.kill(this.postgres.pid, 'SIGQUIT')
    while (this.postgres.isRunning()) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  private async giveDisk({ path, own }: Disk): Promise<void> {
    own(join(this.folder, 'postgres'))
    await this.#administer(`CREATE TABLESPACE small LOCATION '${path}'`)
  }

  async version(): Promise<string> {
    const [row] = await this.#administer<{ server_version: string }>('SHOW server_version')
    return row?.server_version ?? 'unknown'
  }

  async #administer<Row>(statement: string): Promise<Row[]> {
    const client = new Client({ connectionString: this.postgres.url })
    await client.connect()
    try {
      return (await client.query(statement)).rows as Row[]
    } finally {
      await client.end()
    }
  }
}
