import { int4Array, textArray } from '../../../database/index.js'
import { type Pending } from '../../../event-store/index.js'
import { type ChangedCustomer } from '../../domain/decide-rows.js'
import { expectTouched } from './expect-touched.js'
import { idOf, loadedVersionOf } from './written-customer.js'

/** Where the past of a deleted customer lies is kept, because nobody finds it in the log by a `source_id`. */
const DELETE = `
  WITH deleted AS (
    DELETE FROM customers USING unnest($2::text[], $3::int4[]) AS gone (id, version)
    WHERE customers.project_id = $1 AND customers.id = gone.id AND customers.version = gone.version
    RETURNING customers.id, customers.source_id)
  INSERT INTO deleted_customers (project_id, customer_id, source_id) SELECT $1, id, source_id FROM deleted`

/** Removes the rows of customers that are gone. */
export function deleteCustomers(projectId: string, deleted: readonly ChangedCustomer[]): Pending {
  const parameters = [projectId, textArray(deleted.map(idOf)), int4Array(deleted.map(loadedVersionOf))]
  const count = deleted.length
  return (session) => expectTouched(session.execute(DELETE, parameters), count)
}
