import { Injectable } from '@nestjs/common'
import { type Client, type PoolClient } from 'pg'
import { DataSource } from 'typeorm'
import { isBrokenConnection } from './database-errors.js'
import { Session } from './session.js'

/**
 * After five executions PostgreSQL keeps a plan, and one that a connection kept while there were no customers reads all
 * of them from then on: with 300,000 that had come meanwhile, and no statistics yet, a change of one by the API took 163
 * to 183 ms, and takes 2 to 6 with a plan made for it. That costs a single write 0.3 ms of 4, and a read 0.2 ms of 1.4 (medians of 1,300, by turns).
 */
const PLANNED_ANEW = 'SET LOCAL plan_cache_mode = force_custom_plan'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Opens transactions. Whatever is done on behalf of a project goes through {@link inProject}. */
@Injectable()
export class Database {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * A transaction on behalf of a project. PostgreSQL is told which, and shows no row of another: the role it takes owns
   * nothing, and policies hold it to `rollcall.project_id`.
   */
  inProject<T>(projectId: string, work: (session: Session) => Promise<T>): Promise<T> {
    return this.transaction(`BEGIN; ${asProject(projectId)}; ${PLANNED_ANEW}`, work)
  }

  /**
   * The same for reads alone: they see one moment, of whatever commits meanwhile all or nothing. What was read is given
   * out at once, and the transaction is ended aside.
   */
  async atOneMoment<T>(projectId: string, read: (session: Session) => Promise<T>): Promise<T> {
    const begin = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${asProject(projectId)}; ${PLANNED_ANEW}`
    const runner = this.dataSource.createQueryRunner()
    const client = (await runner.connect()) as PoolClient
    const begun = client.query(begin)
    const session = new Session(client, begun)
    try {
      const result = await read(session)
      await begun
      return result
    } catch (error) {
      if (isBrokenConnection(error)) discard(client)
      throw error
    } finally {
      session.leave()
      void endReading(client).finally(() => runner.release())
    }
  }

  /** A transaction of the machinery that serves all projects: lanes, API keys, tokens, the index of search keys. */
  acrossProjects<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.transaction('BEGIN', work)
  }

  private async transaction<T>(begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner()
    const client = (await runner.connect()) as PoolClient
    const begun = client.query(begin)
    const session = new Session(client, begun)
    try {
      const result = await work(session)
      await begun
      await session.commit()
      return result
    } catch (error) {
      session.leave()
      if (isBrokenConnection(error)) discard(client)
      else await rollBack(client)
      throw error
    } finally {
      await runner.release()
    }
  }
}

function asProject(projectId: string): string {
  if (!UUID.test(projectId)) throw new Error('A project id is a uuid.')
  return `SET LOCAL ROLE rollcall_project; SET LOCAL rollcall.project_id = '${projectId}'`
}

/** Nothing was written, so that it does not matter how it ends; a connection on which it cannot is not used again. */
async function endReading(client: PoolClient): Promise<void> {
  try {
    await client.query('COMMIT')
  } catch {
    discard(client)
  }
}

/** The pool drops a connection that is ending; PostgreSQL rolls its transaction back. */
function discard(client: PoolClient): void {
  ;(client as unknown as Client).end().catch(() => undefined)
}

async function rollBack(client: PoolClient): Promise<void> {
  try {
    await client.query('ROLLBACK')
  } catch {
    // The connection is gone, or does not answer, and the transaction goes with it; the error that led here is the one
    // to report.
    discard(client)
  }
}
