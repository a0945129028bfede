import { type Row, type Session } from '../../database/index.js'
import { type Erasable } from '../domain/erased.js'
import { findCustomer } from '../show/customer.read-model.js'

/** Whom a request for permanent deletion means, and everything that is of the same person. */
export interface ErasableCustomer extends Erasable {
  /** The customer that the answer names. */
  readonly customerId: string
  /** Still there; otherwise deleted before, its past still in the log. */
  readonly isLive: boolean
}

interface DeletedRow extends Row {
  customer_id: string
  source_id: string | null
}

/** Ids grow with time: of several customers that had a source_id the last one goes first. */
const SELECT_DELETED = `
  SELECT customer_id, source_id FROM deleted_customers WHERE project_id = $1 AND (customer_id = $2 OR source_id = $2)
  ORDER BY customer_id = $2 DESC, customer_id DESC LIMIT 1`

const SELECT_EARLIER = `
  SELECT customer_id FROM deleted_customers WHERE project_id = $1 AND source_id = $2 ORDER BY customer_id`

const SELECT_BY_SOURCE_ID = 'SELECT FROM customers WHERE project_id = $1 AND source_id = $2'

/** A customer that is there, or one that was deleted and not erased; by id or `source_id`. */
export async function findErasable(
  session: Session,
  projectId: string,
  idOrSourceId: string,
): Promise<ErasableCustomer | undefined> {
  const live = await findCustomer(session, projectId, idOrSourceId)
  if (live !== undefined) {
    const { id, sourceId } = live
    const earlier = await findEarlier(session, projectId, sourceId)
    // The oldest first: erasures that meet in several appends lock them in one order.
    return { customerId: id, sourceId, ids: [...earlier, id], isLive: true }
  }
  const deleted = await session.row<DeletedRow>(SELECT_DELETED, [projectId, idOrSourceId])
  return deleted && toErasable(session, projectId, deleted)
}

/** Should somebody have the source_id now, it is theirs: nobody asked to forget them. */
async function toErasable(
  session: Session,
  projectId: string,
  { customer_id: customerId, source_id: sourceId }: DeletedRow,
): Promise<ErasableCustomer> {
  const taken = sourceId !== null && (await session.execute(SELECT_BY_SOURCE_ID, [projectId, sourceId])) > 0
  if (taken || sourceId === null) return { customerId, sourceId: null, ids: [customerId], isLive: false }
  return { customerId, sourceId, ids: await findEarlier(session, projectId, sourceId), isLive: false }
}

async function findEarlier(session: Session, projectId: string, sourceId: string | null): Promise<string[]> {
  if (sourceId === null) return []
  const rows = await session.rows<DeletedRow>(SELECT_EARLIER, [projectId, sourceId])
  return rows.map(({ customer_id }) => customer_id)
}
