import { randomUUID } from 'node:crypto'
import { type DataSource, type EntityManager } from 'typeorm'
import { createDataSource } from '../database/index.js'
import { ApiKey } from './api-key.entity.js'
import { Project } from './project.entity.js'
import { hashSecret } from './secrets.js'

/** The credentials of a project, as clients send them. */
export interface ProjectKeys {
  readonly appId: string
  readonly appToken: string
}

/** Any constant of our own: two starts that ensure the same project take turns. */
const DIRECTORY_LOCK = 7_655_002

/** Creates projects, for the command line and the start; the servers themselves only read keys. */
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
  create(name: string): Promise<ProjectKeys & { projectId: string }> {
    return this.inTransaction(async (manager) => {
      const keys = { appId: randomUUID(), appToken: randomUUID() }
      return { ...keys, projectId: await insertProject(manager, name, keys) }
    })
  }

  /** A project with these very keys: created when the id is unknown, its token replaced when it differs. */
  async ensure(name: string, keys: ProjectKeys): Promise<void> {
    await this.inTransaction(async (manager) => {
      const { appId, appToken } = keys
      const tokenHash = hashSecret(appToken)
      const known = await manager.findOneBy(ApiKey, { appId })
      if (known === null) await insertProject(manager, name, keys)
      else if (!known.tokenHash.equals(tokenHash)) await manager.update(ApiKey, { appId }, { tokenHash })
    })
  }

  /** Whether no project was ever created. */
  isEmpty(): Promise<boolean> {
    return this.inTransaction(async (manager) => !(await manager.existsBy(Project, {})))
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

async function insertProject(manager: EntityManager, name: string, keys: ProjectKeys): Promise<string> {
  const { id } = await manager.save(Project, { name })
  const tokenHash = hashSecret(keys.appToken)
  await manager.insert(ApiKey, { appId: keys.appId, projectId: id, tokenHash, revokedAt: null })
  return id
}
