import { type Client } from 'pg'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { stepBackendBack } from '../priority/index.js'
import { backendOf } from './backend-of.js'
import { CreateTables1764000000000 } from './migrations/1764000000000-create-tables.js'
import { FindCustomers1764200000000 } from './migrations/1764200000000-find-customers.js'
import { PlanProjectsAlike1764100000000 } from './migrations/1764100000000-plan-projects-alike.js'
import { ErasePersonalData1764300000000 } from './migrations/1764300000000-erase-personal-data.js'
import { WriteOnce1764400000000 } from './migrations/1764400000000-write-once.js'
import { CountStoredBytes1764500000000 } from './migrations/1764500000000-count-stored-bytes.js'
import { RepeatSafely1764600000000 } from './migrations/1764600000000-repeat-safely.js'
import { PackPayloads1764700000000 } from './migrations/1764700000000-pack-payloads.js'
import { SecondWallForProjects1764800000000 } from './migrations/1764800000000-second-wall-for-projects.js'
import { KeepAnAuditLog1764900000000 } from './migrations/1764900000000-keep-an-audit-log.js'
import { ServeWithoutOwning1765000000000 } from './migrations/1765000000000-serve-without-owning.js'
import { KeepHowRowsArePacked1765200000000 } from './migrations/1765200000000-keep-how-rows-are-packed.js'
import { RecordAppends1765300000000 } from './migrations/1765300000000-record-appends.js'
import { PlanSourceIdsAsUnique1765400000000 } from './migrations/1765400000000-plan-source-ids-as-unique.js'
import { SortInSearchKeys1765100000000 } from './migrations/1765100000000-sort-in-search-keys.js'

export interface ConnectionOptions {
  /** Most connections the pool opens. */
  readonly poolSize: number
  /** Shown in `pg_stat_activity`. */
  readonly name: string
  /** Session settings beyond {@link SESSION_SETTINGS}. */
  readonly session?: Record<string, string>
  /** Milliseconds after which a query without an answer counts as lost, 0 for never; beyond every session's limit. */
  readonly answerTimeoutMs?: number
  /** How far everything else on the machine goes before what PostgreSQL does here, in steps of `nice`; 0 if unset. */
  readonly stepsBack?: number
  /** Classes of the tables that ordinary repositories serve. */
  readonly entities?: (new () => object)[]
}

/**
 * No statement and no idle transaction outlives these, so that a stopped process cannot hold locks for ever: all are
 * shorter than a lane's default lease. A chunk is idle until the chunk before holds the lane, which may take that one a
 * whole statement, and then waits for the lane as for any lock.
 */
const SESSION_SETTINGS = {
  timezone: 'UTC',
  lock_timeout: '10s',
  statement_timeout: '25s',
  idle_in_transaction_session_timeout: '28s',
  // Whatever the database's default is: what waits for a lock must see what its holder wrote.
  default_transaction_isolation: 'read\\ committed',
}

/**
 * A connection may die without a sign, and its query would wait for ever: longer than PostgreSQL itself would let it.
 * It counts from when a statement is sent, for several that travel together from the same moment: should they take so
 * long one after the other, the work is begun anew.
 */
const ANSWER_TIMEOUT_MS = 35_000

/**
 * A connection that nobody has used for so long is closed. With the pool's default of ten seconds a worker had to open
 * four anew for a request that came later: one of 10 MB took 1.08 s after 14 s of rest, beside 1.02 s after two; with this
 * 0.99 s, beside 1.00 s (medians of ten).
 */
const IDLE_TIMEOUT_MS = 600_000

/** The one way to PostgreSQL: TypeORM's DataSource, its schema kept by migrations alone. */
export const createDataSource = (databaseUrl: string, connection: ConnectionOptions): DataSource =>
  new DataSource(dataSourceOptions(databaseUrl, connection))

export function dataSourceOptions(databaseUrl: string, connection: ConnectionOptions): DataSourceOptions {
  const {
    poolSize,
    name,
    session,
    answerTimeoutMs = ANSWER_TIMEOUT_MS,
    stepsBack = 0,
    entities = [],
  } = connection
  const settings = { ...SESSION_SETTINGS, ...session }
  return {
    type: 'postgres',
    url: databaseUrl,
    applicationName: name,
    connectTimeoutMS: 3_000,
    poolSize,
    // A connection that breaks while idle is dropped by the pool; the next query opens another.
    poolErrorHandler: () => undefined,
    extra: {
      options: Object.entries(settings)
        .map(([key, value]) => `-c ${key}=${value}`)
        .join(' '),
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      query_timeout: answerTimeoutMs,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      // A connection may be ended in the very moment it is handed out, when the pool no longer listens for errors and
      // its new holder does not yet: nobody would hear of it, and the process end. Whoever uses it next is told.
      onConnect: (client: Client) => {
        client.on('error', () => undefined)
        if (stepsBack > 0) void stepBackendBack(backendOf(client), stepsBack)
      },
      // Statements that do not need each other's answers travel together: decision 20.
      pipeline: true,
    },
    entities,
    migrations: [
      CreateTables1764000000000,
      PlanProjectsAlike1764100000000,
      FindCustomers1764200000000,
      ErasePersonalData1764300000000,
      WriteOnce1764400000000,
      CountStoredBytes1764500000000,
      RepeatSafely1764600000000,
      PackPayloads1764700000000,
      SecondWallForProjects1764800000000,
      KeepAnAuditLog1764900000000,
      ServeWithoutOwning1765000000000,
      SortInSearchKeys1765100000000,
      KeepHowRowsArePacked1765200000000,
      RecordAppends1765300000000,
      PlanSourceIdsAsUnique1765400000000,
    ],
    migrationsTableName: 'migrations',
    // TypeORM would make one for uuids, which PostgreSQL has had itself for long.
    installExtensions: false,
    synchronize: false,
    logging: false,
  }
}
