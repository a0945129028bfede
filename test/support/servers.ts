import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { DataFolder } from '../../src/launcher/data-folder/data-folder.js'
import { EmbeddedRedis } from '../../src/launcher/redis/embedded-redis.js'
import { findRedis } from '../../src/launcher/redis/find-redis.js'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A database of a test's own, migrated and empty. */
export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(`CREATE DATABASE ${name} TEMPLATE rollcall_template`)
  const url = new URL(sharedUrl('ROLLCALL_TEST_DATABASE_URL'))
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`) }
}

export interface TestRedis {
  readonly url: string
  /** Ends it at once, as a crash would. */
  kill(): void
  /** Lets it hang, with its connections open, until it is resumed. */
  pause(): void
  resume(): void
  /** Brings it back, empty, at the same address. */
  restart(): Promise<void>
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** A Redis of a test's own, to flush and to kill. */
export async function startRedis(): Promise<TestRedis> {
  const folder = makeFolder()
  const say = (line: string) => {
    console.error(line)
  }
  const redis = new EmbeddedRedis({ binary: await findRedis({ env: process.env, say }), folder, say })
  await redis.start()
  const signal = (name: NodeJS.Signals) => {
    if (redis.pid !== undefined) process.kill(redis.pid, name)
  }
  return {
    url: redis.url,
    kill: () => {
      signal('SIGKILL')
    },
    pause: () => {
      signal('SIGSTOP')
    },
    resume: () => {
      signal('SIGCONT')
    },
    restart: () => redis.start(),
    stop: async () => {
      await redis.stop()
      rmSync(folder.path, { recursive: true, force: true })
    },
  }
}

/** An empty data folder of a test's own. */
export function makeFolder(): DataFolder {
  const path = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
  chmodSync(path, 0o711) // as root PostgreSQL runs as somebody else, who must get to its own part
  return new DataFolder(path)
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: sharedUrl('ROLLCALL_TEST_DATABASE_URL') })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

function sharedUrl(name: string): string {
  const url = process.env[name]
  if (url === undefined) throw new Error(`${name} is not set: run the tests with npm test`)
  return url
}
