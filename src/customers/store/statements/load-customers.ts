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
 * Whether PostgreSQL believes in more than 5,000 customers, of all projects together. It plans every list as ten keys
 * and takes a project for one of 200. Below some 2,500 customers it finds it cheaper to read the whole project than to
 * go down the index ten times; 5,000 leaves a margin. Were there 50,000 in fact, 1,600 keys took 1.9 s instead of 7 ms.
 * It multiplies the rows per page of the last VACUUM or ANALYZE by the pages of now: far too few if the table was
 * nearly empty then. Without such figures (`relpages` is 0) it goes by the width of columns, which gives at least two a
 * page: pages are filled by half, and longer values are stored apart before a row exceeds a quarter of a page.
 */
const SEEMS_LARGE = `(
  SELECT CASE relpages WHEN 0 THEN 2 ELSE reltuples / relpages END * pg_relation_size(oid)
    > 5000 * current_setting('block_size')::int
  FROM pg_class WHERE oid = 'customers'::regclass)`

const COLUMNS =
  'id, source_id, version, ctid AS place, coalesce(updated_at, created_at) AS changed_at, document'

type Key = 'id' | 'source_id'

/**
 * From PostgreSQL 17 on a list is looked up without going down the index again for keys that lie side by side: to find
 * 403,298 of 1.4 million customers took 0.85 s of CPU, and one by one 1.6 s.
 */
const listed = (key: Key): string => `
  SELECT ${COLUMNS} FROM customers WHERE slice.seems_large AND project_id = $1 AND ${key} = ANY (slice.keys)`

/**
 * LATERAL with LIMIT makes every plan look up key by key. Left to choose, PostgreSQL read all customers of the project
 * for each chunk, as long as its statistics were those of an empty table. ORDER BY makes the key's own index win: by
 * such statistics both indexes seem to cost the same, and 100 ids took 184 ms by the wrong one instead of 0.4 ms.
 * BETWEEN, because with = PostgreSQL drops the ORDER BY.
 */
const oneByOne = (key: Key, lock = ''): string => `
  SELECT one.* FROM unnest(slice.keys) AS wanted (key) CROSS JOIN LATERAL (
    SELECT ${COLUMNS} FROM customers WHERE project_id = $1 AND ${key} BETWEEN wanted.key AND wanted.key
    ORDER BY ${key} LIMIT 1 ${lock}) one`

/**
 * One row with a list for each column, for many customers: row by row the driver took 54 ms for 27,000 before the first
 * was parsed. Numbers come in the binary format: all written out as one JSON text took PostgreSQL a third more CPU.
 * What the table seems to be is asked once for both ways, which could both be closed were it to grow in between.
 */
const select = (known: string): string => `
  SELECT customer.* FROM (
    SELECT array_agg(key) AS keys, ${SEEMS_LARGE} AS seems_large
    FROM unnest($2::text[]) WITH ORDINALITY AS wanted (key, asked) GROUP BY asked / ${CUSTOMERS_OF_A_ROW}) slice
  CROSS JOIN LATERAL (
    SELECT string_agg(id, ',') AS ids, json_agg(source_id)::text AS source_ids,
      array_send(array_agg(version)) AS versions, array_send(array_agg(place)) AS places,
      array_send(array_agg(changed_at)) AS changed_at, '[' || string_agg(document, ',') || ']' AS documents
    FROM (${known}) known HAVING count(*) > 0) customer`

const selectBy = (key: Key): string =>
  select(`${listed(key)} UNION ALL ${oneByOne(key)} WHERE slice.seems_large IS NOT TRUE`)

/**
 * Ordinarily without row locks: the unique keys and the versions are the guard, and a writer that loses decides again.
 * One that changes thousands would lose to single writers for ever: the second time it locks. That is seldom enough to
 * go one by one, in the order of the keys.
 */
const lockBy = (key: Key): string => select(oneByOne(key, 'FOR UPDATE'))

const SELECT = { bySourceId: selectBy('source_id'), byId: selectBy('id') }
const LOCK = { bySourceId: lockBy('source_id'), byId: lockBy('id') }

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
): Promise<LoadedCustomer[]> => load(session, (lock ? LOCK : SELECT).bySourceId, projectId, sourceIds)

/** The customers that are known by these ids of ours, each of which is given once, in any order. */
export const loadById = (
  session: Session,
  projectId: string,
  ids: readonly string[],
  lock: boolean,
): Promise<LoadedCustomer[]> => load(session, (lock ? LOCK : SELECT).byId, projectId, ids)

async function load(
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
