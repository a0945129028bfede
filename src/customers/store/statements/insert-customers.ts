import { int4Array, isUniqueViolation, textArray, timestamptzArray } from '../../../database/index.js'
import { type Pending, VersionConflictError } from '../../../event-store/index.js'
import {
  changedAt,
  createdAt,
  idOf,
  storedDocument,
  versionOf,
  type WrittenCustomer,
} from './written-customer.js'

const INSERT = `
  INSERT INTO customers (project_id, id, source_id, version, created_at, updated_at, document)
  SELECT $1, c.* FROM unnest($2::text[], $3::text[], $4::int4[], $5::timestamptz[], $6::timestamptz[], $7::text[]) AS c`

/** The rows of new customers that have more than one event. */
export function insertCustomers(projectId: string, inserted: readonly WrittenCustomer[]): Pending {
  const parameters = [
    projectId,
    textArray(inserted.map(idOf)),
    textArray(inserted.map(({ state }) => state.sourceId)),
    int4Array(inserted.map(versionOf)),
    timestamptzArray(inserted.map(createdAt)),
    timestamptzArray(inserted.map(changedAt)),
    textArray(inserted.map(storedDocument)),
  ]
  return (session) => expectUnknown(session.execute(INSERT, parameters))
}

async function expectUnknown(inserting: Promise<unknown>): Promise<void> {
  try {
    await inserting
  } catch (error) {
    throw isUniqueViolation(error)
      ? new VersionConflictError('A customer was created by someone else.')
      : error
  }
}
