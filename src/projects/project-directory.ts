import { randomUUID } from 'node:crypto'
import { type DataSource, type EntityManager } from 'typeorm'
import { type AuditEntry, OPERATOR, recordAuditBy } from '../audit/index.js'
import { createDataSource } from '../database/index.js'
import { ApiKey } from './api-key.entity.js'
import { Project } from './project.entity.js'
import { hashSecret, newAppToken } from './secrets.js'

/** The credentials of a project, as clients send them. */
export interface ProjectKeys {
  readonly appId: string
  readonly appToken: string
}

export interface CreatedProject extends ProjectKeys {
  readonly projectId: string
}

/** What may be shown of a project. */
export interface ListedProject {
  readonly id: string
  readonly name: string
  /** Of its keys that were not revoked, the oldest first. */
  readonly appIds: readonly string[]
}

/** What may be shown of a key. */
export interface ListedKey {
  readonly appId: string
  readonly createdAt: Date
  /** Since when it no longer opens the project; null while it does. */
  readonly revokedAt: Date | null
}

const LIST = `
  SELECT id, name, ARRAY(
    SELECT app_id FROM api_keys WHERE project_id = projects.id AND revoked_at IS NULL ORDER BY created_at, app_id
  ) AS "appIds"
  FROM projects ORDER BY name, id`

const MAY_CHANGE = `
  SELECT has_table_privilege('projects', 'INSERT') AND has_table_privilege('api_keys', 'INSERT, UPDATE') AS change`

/** Any constant of our own: two starts that ensure the same project take turns. */
const DIRECTORY_LOCK = 7_655_002

/** Creates projects and their keys, for the command line and the start; the servers themselves only read keys. */
export class ProjectDirectory {
  private readonly dataSource: DataSource

  constructor(databaseUrl: string) {
    this.dataSource = createDataSource(databaseUrl, {
      poolSize: 1,
      name: 'rollcall projects',
      entities: [Project, ApiKey],
    })
  }

  /** A new project with keys of its own; its token is not shown again. */
  create(name: string): Promise<CreatedProject> {
    return this.inTransaction((manager) => createProject(manager, name))
  }

  /** The same where there is none yet; undefined where there is. */
  createFirst(name: string): Promise<CreatedProject | undefined> {
    return this.inTransaction(async (manager) =>
      (await manager.existsBy(Project, {})) ? undefined : createProject(manager, name),
    )
  }

  /**
   * A project with these very keys: created when the id is unknown, its token replaced when it differs. A key that was
   * revoked stays so. Tells whether the keys open the project.
   */
  async ensure(name: string, keys: ProjectKeys): Promise<boolean> {
    return this.inTransaction(async (manager) => {
      const { appId, appToken } = keys
      const tokenHash = hashSecret(appToken)
      const known = await manager.findOneBy(ApiKey, { appId })
      if (known === null) await insertProject(manager, name, keys)
      else if (!known.tokenHash.equals(tokenHash)) await replaceToken(manager, known, tokenHash)
      return (known?.revokedAt ?? null) === null
    })
  }

  /** Whether this login may make and change projects, or only serve them. */
  async mayChange(): Promise<boolean> {
    const [may] = await this.inTransaction((manager) => manager.query<{ change: boolean }[]>(MAY_CHANGE))
    return may?.change === true
  }

  /** Every project, by name. */
  list(): Promise<ListedProject[]> {
    return this.inTransaction((manager) => manager.query<ListedProject[]>(LIST))
  }

  /** All keys of a project, the oldest first; undefined when there is no such project. */
  listKeys(projectId: string): Promise<ListedKey[] | undefined> {
    return this.inTransaction(async (manager) =>
      (await manager.existsBy(Project, { id: projectId }))
        ? manager.find(ApiKey, { where: { projectId }, order: { createdAt: 'ASC', appId: 'ASC' } })
        : undefined,
    )
  }

  /** One more pair of keys for a project, beside those it has; undefined when there is no such project. */
  addKey(projectId: string): Promise<ProjectKeys | undefined> {
    return this.inTransaction(async (manager) => {
      if (!(await manager.existsBy(Project, { id: projectId }))) return undefined
      const keys = newKeys()
      await insertKey(manager, projectId, keys)
      return keys
    })
  }

  /**
   * Revokes a key, with the access tokens that were issued to it; both stop working within five seconds. The time at
   * which it was revoked first, or undefined when there is no such key.
   */
  revokeKey(appId: string): Promise<Date | undefined> {
    return this.inTransaction(async (manager) => {
      const key = await manager.findOneBy(ApiKey, { appId })
      if (key === null || key.revokedAt !== null) return key?.revokedAt ?? undefined
      const [rows] = await manager.query<[{ revoked_at: Date }[], number]>(
        'UPDATE api_keys SET revoked_at = clock_timestamp() WHERE app_id = $1 RETURNING revoked_at',
        [appId],
      )
      await record(manager, { act: 'key.revoked', projectId: key.projectId, subject: appId })
      return rows[0]?.revoked_at
    })
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy()
  }

  private async inTransaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (!this.dataSource.isInitialized) await this.dataSource.initialize()
    return this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [DIRECTORY_LOCK])
      return work(manager)
    })
  }
}

async function createProject(manager: EntityManager, name: string): Promise<CreatedProject> {
  const keys = newKeys()
  return { ...keys, projectId: await insertProject(manager, name, keys) }
}

async function insertProject(manager: EntityManager, name: string, keys: ProjectKeys): Promise<string> {
  const { id } = await manager.save(Project, { name })
  await record(manager, { act: 'project.created', projectId: id, subject: id })
  await insertKey(manager, id, keys)
  return id
}

async function insertKey(manager: EntityManager, projectId: string, keys: ProjectKeys): Promise<void> {
  const { appId, appToken } = keys
  await manager.insert(ApiKey, { appId, projectId, tokenHash: hashSecret(appToken), revokedAt: null })
  await record(manager, { act: 'key.added', projectId, subject: appId })
}

async function replaceToken(
  manager: EntityManager,
  { appId, projectId }: ApiKey,
  tokenHash: Buffer,
): Promise<void> {
  await manager.update(ApiKey, { appId }, { tokenHash })
  await record(manager, { act: 'key.replaced', projectId, subject: appId })
}

const record = (manager: EntityManager, entry: Omit<AuditEntry, 'client'>): Promise<unknown> =>
  recordAuditBy(manager, { ...entry, client: OPERATOR })

const newKeys = (): ProjectKeys => ({ appId: randomUUID(), appToken: newAppToken() })
