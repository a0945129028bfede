import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { type Launcher } from '../../rig/compiled.js'
import { say } from '../../rig/program.js'
import { cpuOfFamily } from './procfs.js'

type StopList = InstanceType<Launcher['StopList']>

/** A dozen of APIs and workers, of up to 22 connections each pair; those that are not made cost nothing. */
const CONNECTIONS = 300

/** One PostgreSQL with a database for each who asks, and Redis, all in a temporary folder. */
export class Servers {
  private constructor(
    readonly folder: string,
    readonly redisUrl: string,
    private readonly postgresUrl: string,
    private readonly admin: Client,
    private readonly postgresPid: () => number | undefined,
  ) {}

  static async start(launcher: Launcher, stopList: StopList, signal: AbortSignal): Promise<Servers> {
    const folder = makeFolder(stopList)
    const dataFolder = new launcher.DataFolder(folder)
    const postgres = new launcher.EmbeddedPostgres({ folder: dataFolder, say, connections: CONNECTIONS })
    stopList.add(() => postgres.stop())
    await postgres.start(signal)
    const binary = await launcher.findRedis({ env: process.env, say, signal })
    const redis = new launcher.EmbeddedRedis({ binary, folder: dataFolder, say })
    stopList.add(() => redis.stop())
    await redis.start(signal)
    const admin = await connect(postgres.url, stopList)
    return new Servers(folder, redis.url, postgres.url, admin, () => postgres.pid)
  }

  /** An empty database; resolves with its URL. */
  async addDatabase(name: string): Promise<string> {
    await this.admin.query(`CREATE DATABASE ${name}`)
    const url = new URL(this.postgresUrl)
    url.pathname = `/${name}`
    return url.href
  }

  /** Gives the disk back: a million customers take two gigabytes. */
  async dropDatabase(name: string): Promise<void> {
    await this.admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }

  /** From here on everything is on disk, so that no checkpoint falls into what is measured next. */
  async settle(): Promise<void> {
    await this.admin.query('CHECKPOINT')
  }

  /**
   * PostgreSQL vacuums and analyzes nothing by itself meanwhile: with a million customers it would be busy with the
   * tables of one side, for a minute and more, while the other is measured.
   */
  async withoutAutovacuum<T>(work: () => Promise<T>): Promise<T> {
    await this.#set('SET autovacuum = off')
    const result = await work()
    await this.#set('RESET autovacuum')
    return result
  }

  /** Bytes of write-ahead log so far. */
  async walBytes(): Promise<number> {
    const { rows } = await this.admin.query<{ bytes: string }>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes`,
    )
    return Number(rows[0]?.bytes)
  }

  async version(): Promise<string> {
    const { rows } = await this.admin.query<{ server_version: string }>('SHOW server_version')
    return rows[0]?.server_version ?? 'unknown'
  }

  /** Seconds of CPU that PostgreSQL has used so far. */
  cpu(): number {
    const pid = this.postgresPid()
    return pid === undefined ? NaN : cpuOfFamily(pid)
  }

  async #set(change: string): Promise<void> {
    await this.admin.query(`ALTER SYSTEM ${change}`)
    await this.admin.query('SELECT pg_reload_conf()')
  }
}

function makeFolder(stopList: StopList): string {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'))
  chmodSync(folder, 0o711) // as root PostgreSQL runs as somebody else, who must get to its own part
  stopList.add(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

async function connect(databaseUrl: string, stopList: StopList): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl })
  client.on('error', () => undefined) // a query on it will say so
  await client.connect()
  stopList.add(() => client.end())
  return client
}
