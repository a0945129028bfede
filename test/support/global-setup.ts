import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Client } from 'pg'
import type * as database from '../../src/database/index.js'
import type * as dataFolder from '../../src/launcher/data-folder/data-folder.js'
import type * as embeddedPostgres from '../../src/launcher/postgres/embedded-postgres.js'
import type * as embeddedRedis from '../../src/launcher/redis/embedded-redis.js'
import type * as findRedisModule from '../../src/launcher/redis/find-redis.js'

const CLONE = resolve(__dirname, '..', '..')

/** Takes down what {@link setUp} brought up; global-teardown.ts calls it. */
export type TakeDown = () => Promise<void>

declare global {
  var rollcallTakeDown: TakeDown | undefined
}

/**
 * Brings up one PostgreSQL and one Redis for all tests, with a migrated template database that test databases
 * are copied from. It uses the compiled launcher, brought up to date first: jest does not resolve `.js` imports
 * of TypeScript files in this one place.
 */
export default async function setUp(): Promise<void> {
  execFileSync(process.execPath, ['-e', "import('./scripts/prepare.mjs').then((it) => it.prepare())"], {
    cwd: CLONE,
    stdio: 'inherit',
  })
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-test-'))
  chmodSync(folder, 0o711) // as root PostgreSQL runs as somebody else, who must get to its own part
  const stops: (() => Promise<void>)[] = []
  globalThis.rollcallTakeDown = async () => {
    globalThis.rollcallTakeDown = undefined
    for (const stop of stops.reverse()) await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  takeDownWhenInterrupted()
  try {
    await bringUp(folder, stops)
  } catch (error) {
    await globalThis.rollcallTakeDown()
    throw error
  }
}

async function bringUp(path: string, stops: (() => Promise<void>)[]): Promise<void> {
  const { DataFolder, EmbeddedPostgres, EmbeddedRedis, findRedis, migrate } = compiled()
  const folder = new DataFolder(path)
  const postgres = new EmbeddedPostgres({ folder, say, durable: false })
  stops.push(() => postgres.stop())
  await postgres.start()
  const redis = new EmbeddedRedis({ binary: await findRedis({ env: process.env, say }), folder, say })
  stops.push(() => redis.stop())
  await redis.start()
  await migrate(await createTemplate(postgres.url))
  await createServiceLogin(postgres.url)
  process.env.ROLLCALL_TEST_DATABASE_URL = postgres.url
  process.env.ROLLCALL_TEST_REDIS_URL = redis.url
}

async function createTemplate(databaseUrl: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('CREATE DATABASE rollcall_template')
  await client.end()
  const template = new URL(databaseUrl)
  template.pathname = '/rollcall_template'
  return template.href
}

/** The login with which the processes of tests serve: support/rollcall.ts. */
async function createServiceLogin(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query(`CREATE ROLE test_service LOGIN PASSWORD 'test' IN ROLE rollcall_service`)
  await client.end()
}

/** The compiled launcher and database, typed by the sources they were built from. */
function compiled() {
  const require = createRequire(join(CLONE, 'dist', 'main.js'))
  return {
    ...(require('./launcher/data-folder/data-folder.js') as typeof dataFolder),
    ...(require('./launcher/postgres/embedded-postgres.js') as typeof embeddedPostgres),
    ...(require('./launcher/redis/embedded-redis.js') as typeof embeddedRedis),
    ...(require('./launcher/redis/find-redis.js') as typeof findRedisModule),
    ...(require('./database/index.js') as typeof database),
  }
}

/** Jest does not run its teardown when it is interrupted, and the servers would stay. */
function takeDownWhenInterrupted(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Not once: a second signal, as a whole process group gets it, must not cut the taking down short.
    process.on(signal, () => {
      void globalThis.rollcallTakeDown?.().finally(() => process.exit(1))
    })
  }
}

function say(line: string): void {
  console.error(line)
}
