import {
  readInt4Array,
  readTidArray,
  readTimestamptzArray,
  type Row,
  type Session,
  textArray,
} from '../../../database/index.js'
import { parseAlike } from '../../../kernel/index.js'
import { type Address, type CustomerDocument } from '../../domain/customer-document.js'
import { type LoadedCustomer } from '../../domain/decide-rows.js'

/** Whose documents are some 50 kB: {@link parseAlike} has what larger texts cost. */
const CUSTOMERS_OF_A_ROW = 128

/**
 * Ordinarily without row locks: the unique keys and the versions are the guard, and a writer that loses decides again.
 * One that changes thousands would lose to single writers for ever: the second time it locks.
 * Keys are looked up by the list, so that the index is gone down once for neighbours: 403,298 of 1.4 million customers
 * took PostgreSQL 0.85 s of CPU where key by key they took 1.6 s. What is in a list PostgreSQL does not see when it
 * plans, and takes it for ten keys, so that it uses the index of them; of all keys at once it would think that to read
 * all customers of the project is cheaper, as long as they are few or its statistics are those of an empty table.
 * One row with a list for each column: row by row the driver took 54 ms for 27,000 before the first was parsed. Numbers
 * come in the binary format: written out as one JSON text, 27,233 customers took PostgreSQL 105 ms of CPU instead of 79.
 */
const selectBy = (key: 'id' | 'source_id', lock = ''): string => `
  SELECT customer.* FROM (
    SELECT array_agg(key) AS keys FROM unnest($2::text[]) WITH ORDINALITY AS wanted (key, asked)
    GROUP BY asked / ${CUSTOMERS_OF_A_ROW}) slice
  CROSS JOIN LATERAL (
    SELECT string_agg(id, ',') AS ids, json_agg(source_id)::text AS source_ids,
      array_send(array_agg(version)) AS versions, array_send(array_agg(place)) AS places,
      array_send(array_agg(changed_at)) AS changed_at, '[' || string_agg(document, ',') || ']' AS documents
    FROM (
      SELECT id, source_id, version, ctid AS place, coalesce(updated_at, created_at) AS changed_at, document
      FROM customers WHERE project_id = $1 AND ${key} = ANY (slice.keys) ${lock}) known
    HAVING count(*) > 0) customer`

const SELECT = { bySourceId: selectBy('source_id'), byId: selectBy('id') }
const LOCK = { bySourceId: selectBy('source_id', 'FOR UPDATE'), byId: selectBy('id', 'FOR UPDATE') }

/** Some of the loaded customers column by column, one place in each for one customer. */
interface StoredColumns extends Row {
  /** Which have no commas, with commas between them. */
  ids: string
  /** A JSON array of texts, null for a customer without. */
  source_ids: string
  versions: Buffer
  places: Buffer
  changed_at: Buffer
  /** A JSON array of objects. */
  documents: string
}

/** As stored: an address that was never set, or was cleared, is absent. */
type StoredDocument = Omit<CustomerDocument, 'address'> & { address?: Address }

/** The customers that are known by these `source_id`, each of which is given once, in any order. */
export const loadBySourceId = (
  session: Session,
  projectId: string,
  sourceIds: readonly string[],
  lock: boolean,
): Promise<LoadedCustomer[]> => select(session, (lock ? LOCK : SELECT).bySourceId, projectId, sourceIds)

/** The customers that are known by these ids of ours, each of which is given once, in any order. */
export const loadById = (
  session: Session,
  projectId: string,
  ids: readonly string[],
  lock: boolean,
): Promise<LoadedCustomer[]> => select(session, (lock ? LOCK : SELECT).byId, projectId, ids)

async function select(
  session: Session,
  statement: string,
  projectId: string,
  keys: readonly string[],
): Promise<LoadedCustomer[]> {
  if (keys.length === 0) return []
  const stored = await session.rows<StoredColumns>(statement, [projectId, textArray(keys)])
  return stored.flatMap(toLoaded)
}

function toLoaded(stored: StoredColumns): LoadedCustomer[] {
  const ids = stored.ids.split(',')
  const sourceIds = JSON.parse(stored.source_ids) as (string | null)[]
  const places = readTidArray(stored.places)
  const versions = readInt4Array(stored.versions)
  const changedAt = readTimestamptzArray(stored.changed_at)
  const documents = parseAlike(stored.documents) as StoredDocument[]
  return documents.map((document, row) => ({
    id: ids[row] ?? '',
    version: versions[row] ?? 0,
    place: places[row] ?? 0,
    changedAt: changedAt[row] ?? 0,
    state: { kind: 'known', sourceId: sourceIds[row] ?? null, document: toDocument(document) },
  }))
}

/** Written out, so that all documents have one shape in memory, whatever they hold. */
const toDocument = (stored: StoredDocument): CustomerDocument => ({
  name: stored.name,
  description: stored.description,
  email: stored.email,
  phone: stored.phone,
  birthday: stored.birthday,
  birthdate: stored.birthdate,
  address: stored.address ?? null,
  metadata: stored.metadata,
})
