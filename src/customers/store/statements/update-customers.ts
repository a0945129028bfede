import { int4Array, textArray, tidArray, timestamptzArray } from '../../../database/index.js'
import { type Pending } from '../../../event-store/index.js'
import { expectTouched } from './expect-touched.js'
import { updateRows } from './update-rows.js'
import {
  changedAt,
  idOf,
  loadedVersionOf,
  placeOf,
  storedDocument,
  versionOf,
  type WrittenCustomer,
} from './written-customer.js'

const UPDATE = updateRows(`(
  SELECT * FROM unnest($1::text[], $2::tid[], $3::int4[], $4::int4[], $5::timestamptz[], $6::text[])
    AS c (id, place, loaded_version, version, updated_at, document))`)

/** The rows of known customers that have more than one new event. */
export function updateCustomers(updated: readonly WrittenCustomer[]): Pending {
  const parameters = [
    textArray(updated.map(idOf)),
    tidArray(updated.map(placeOf)),
    int4Array(updated.map(loadedVersionOf)),
    int4Array(updated.map(versionOf)),
    timestamptzArray(updated.map(changedAt)),
    textArray(updated.map(storedDocument)),
  ]
  const count = updated.length
  return (session) => expectTouched(session.execute(UPDATE, parameters), count)
}
