import { say } from '../../rig/program.js'
import { checkAction, same } from '../checks.js'
import { makePresentCustomer, toBody } from '../payloads.js'
import { type Project, type Rollcall } from './rollcall.js'

/** Typical customers of 10 MB and less. */
const ROWS_PER_REQUEST = 24_000
/** So many requests are on their way at a time: the next is received while the one before is carried out. */
const ON_THE_WAY = 3

/**
 * The customers of a project who are there before what is measured. They come in by way of the API: rows, keys, ids,
 * totals and events are then what they are in use, whatever the tables look like.
 */
export class PresentCustomers {
  #count = 0
  #lastId = 'cust_'

  constructor(
    private readonly rollcall: Rollcall,
    readonly project: Project,
  ) {}

  get count(): number {
    return this.#count
  }

  /** All other customers come after this id. */
  get lastId(): string {
    return this.#lastId
  }

  /** Adds customers until there are so many. Nothing but these may be there. */
  async fill(customers: number): Promise<void> {
    const pending: { id: string; rows: number }[] = []
    while (this.#count < customers || pending.length > 0) {
      if (this.#count < customers && pending.length < ON_THE_WAY) {
        const first = this.#count
        const rows = Math.min(ROWS_PER_REQUEST, customers - first)
        const body = toBody(rows, (index) => makePresentCustomer(first + index))
        pending.push({ id: await this.rollcall.accept(this.project, body), rows })
        this.#count += rows
      } else await this.#finish(pending.shift())
    }
    const { customers: found } = await this.rollcall.count(this.project)
    same('customers present', found, customers)
    this.#lastId = await this.#readLastId()
    await this.clear()
    say(`${customers.toLocaleString('en-US')} customers present`)
  }

  /** Removes what came after them, and leaves the tables as autovacuum would in time. */
  async clear(): Promise<void> {
    const { admin } = this.rollcall
    const { projectId } = this.project
    // So that not even the rule applies which keeps events from being removed.
    await admin.query('SET session_replication_role = replica')
    await this.rollcall.removeFrom('TRUNCATE async_actions, async_action_payloads, async_action_reports')
    await admin.query('DELETE FROM customers WHERE project_id = $1 AND id > $2', [projectId, this.#lastId])
    await admin.query(
      `DELETE FROM events WHERE project_id = $1 AND (stream_id > $2 OR stream_id < 'cust_')`,
      [projectId, this.#lastId],
    )
    await admin.query(
      `DELETE FROM appends WHERE project_id = $1
         AND position NOT IN (
           SELECT DISTINCT append_position FROM events WHERE project_id = $1 AND append_position IS NOT NULL)`,
      [projectId],
    )
    await admin.query('UPDATE customer_counters SET customers = $2 WHERE project_id = $1', [
      projectId,
      this.#count,
    ])
    await admin.query('RESET session_replication_role')
    await admin.query('VACUUM (ANALYZE)')
  }

  async #finish(request: { id: string; rows: number } | undefined): Promise<void> {
    if (request === undefined) return
    checkAction(this.rollcall, await this.rollcall.finished(this.project, request.id), request.rows)
  }

  async #readLastId(): Promise<string> {
    const { rows } = await this.rollcall.admin.query<{ last: string | null }>(
      'SELECT max(id) AS last FROM customers WHERE project_id = $1',
      [this.project.projectId],
    )
    return rows[0]?.last ?? 'cust_'
  }
}
