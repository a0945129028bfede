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
 * LATERAL with LIMIT makes every plan look up key by key. Left to choose, PostgreSQL read all customers of the
 * project for each chunk, as long as its statistics were those of an empty table.
 * One row with a list for each column, for many customers: row by row the driver took 54 ms for 27,000 before the first
 * was parsed. Numbers come in the binary format, and of its two names only that which it was not asked by: written out as
 * one JSON text, with all of them, 27,233 customers took PostgreSQL 105 ms of CPU instead of 79.
 */
const selectBy = (key: 'id' | 'source_id', names: string, lock: string): string => `
  SELECT array_send(array_agg(asked::int4)) AS asked, ${names} AS names, array_send(array_agg(version)) AS versions,
    array_send(array_agg(place)) AS places, array_send(array_agg(changed_at)) AS changed_at,
    '[' || string_agg(document, ',') || ']' AS documents
  FROM unnest($2::text[]) WITH ORDINALITY AS wanted (key, asked) CROSS JOIN LATERAL (
    SELECT id, source_id, version, ctid AS place, coalesce(updated_at, created_at) AS changed_at, document
    FROM customers WHERE project_id = $1 AND ${key} = wanted.key LIMIT 1 ${lock}) customer
  GROUP BY asked / ${CUSTOMERS_OF_A_ROW}`

const bySourceId = (lock = ''): string => selectBy('source_id', `string_agg(id, ',')`, lock)
const byId = (lock = ''): string => selectBy('id', 'json_agg(source_id)::text', lock)

const SELECT = { bySourceId: bySourceId(), byId: byId() }
const LOCK = { bySourceId: bySourceId('FOR UPDATE'), byId: byId('FOR UPDATE') }

/** Some of the loaded customers column by column, one place in each for one customer. */
interface StoredColumns extends Row {
  /** The name that it was asked by: its number among all that were asked for, counted from 1. */
  asked: Buffer
  /** Its other name: ids, which have no commas, with commas between them, or a JSON array of `source_id`. */
  names: string
  versions: Buffer
  places: Buffer
  changed_at: Buffer
  /** A JSON array of objects. */
  documents: string
}

/** As stored: an address that was never set, or was cleared, is absent. */
type StoredDocument = Omit<CustomerDocument, 'address'> & { address?: Address }

/** The customers that are known by these `source_id`, each of which is given once. */
export async function loadBySourceId(
  session: Session,
  projectId: string,
  sourceIds: readonly string[],
  lock: boolean,
): Promise<LoadedCustomer[]> {
  const stored = await select(session, (lock ? LOCK : SELECT).bySourceId, projectId, sourceIds)
  return stored.flatMap((columns) => {
    const ids = columns.names.split(',')
    return toLoaded(columns, (row, asked) => ({ id: ids[row] ?? '', sourceId: sourceIds[asked] ?? null }))
  })
}

/** The customers that are known by these ids of ours, each of which is given once. */
export async function loadById(
  session: Session,
  projectId: string,
  ids: readonly string[],
  lock: boolean,
): Promise<LoadedCustomer[]> {
  const stored = await select(session, (lock ? LOCK : SELECT).byId, projectId, ids)
  return stored.flatMap((columns) => {
    const sourceIds = JSON.parse(columns.names) as (string | null)[]
    return toLoaded(columns, (row, asked) => ({ id: ids[asked] ?? '', sourceId: sourceIds[row] ?? null }))
  })
}

async function select(
  session: Session,
  statement: string,
  projectId: string,
  keys: readonly string[],
): Promise<StoredColumns[]> {
  return keys.length === 0 ? [] : session.rows<StoredColumns>(statement, [projectId, textArray(keys)])
}

/** `namesOf` is told which of the customers is meant, and by which of the names it was asked. */
function toLoaded(
  stored: StoredColumns,
  namesOf: (row: number, asked: number) => { id: string; sourceId: string | null },
): LoadedCustomer[] {
  const asked = readInt4Array(stored.asked)
  const places = readTidArray(stored.places)
  const versions = readInt4Array(stored.versions)
  const changedAt = readTimestamptzArray(stored.changed_at)
  const documents = parseAlike(stored.documents) as StoredDocument[]
  return documents.map((document, row) => {
    const { id, sourceId } = namesOf(row, (asked[row] ?? 0) - 1)
    return {
      id,
      version: versions[row] ?? 0,
      place: places[row] ?? 0,
      changedAt: changedAt[row] ?? 0,
      state: { kind: 'known', sourceId, document: toDocument(document) },
    }
  })
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
