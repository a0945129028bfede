import { isJsonObject, type JsonObject, type JsonValue } from '../../kernel/index.js'
import { type CustomerRow } from './customer-row.js'
import { type CustomerEvent } from './customer.events.js'

/** What remains of a customer's events when the person is forgotten: they still lead to a customer that is deleted. */
export const ERASED_EVENTS: readonly Exclude<CustomerEvent, { type: 'CustomerDeleted' }>[] = [
  { type: 'CustomerUpserted', data: { source_id: null, attributes: {} } },
  { type: 'CustomerUpdated', data: { changes: {} } },
]

/** What stands in a stored chunk where a row was erased; no row that a client sends is stored like this. */
export const ERASED = null

/** An erased row: it is accounted for, and brings nobody back. */
export const erasedRow = (): CustomerRow => ({
  sourceId: '',
  failure: {
    key: 'customer_erased',
    message: 'Customer erased',
    details: 'The customer was deleted permanently before this row was carried out.',
  },
})

/** The person whom rows may name by `source_id`, or by our ids. */
export interface Erasable {
  readonly sourceId: string | null
  readonly ids: readonly string[]
}

type Names = (row: JsonValue) => boolean

/** Which customers in a chunk of a bulk update are the person, by their places in it. */
export function placesOfPerson(content: JsonValue, { sourceId }: Erasable): ReadonlySet<number> {
  const items = Array.isArray(content) ? content : []
  const isPerson = (item: JsonValue): boolean => isJsonObject(item) && isNamed(item['source_id'], sourceId)
  return new Set([...items.keys()].filter((place) => isPerson(items[place] ?? null)))
}

/**
 * A chunk of a metadata update, one metadata for a list of source_ids, without the person; undefined when it does not
 * name them. Metadata that are for nobody else go too.
 */
export function eraseSourceIds(content: JsonValue, { sourceId }: Erasable): JsonValue | undefined {
  const erased = eraseList(content, 'source_ids', (named) => isNamed(named, sourceId))
  const others = erased?.['source_ids'] as JsonValue[] | undefined
  return others?.every((named) => named === ERASED) ? { ...erased, metadata: {} } : erased
}

/** A chunk of a CSV import: named columns, and rows that name their customer in two of them, rightly or wrongly. */
export function eraseCsvRows(content: JsonValue, { sourceId, ids }: Erasable): JsonValue | undefined {
  if (!isJsonObject(content)) return undefined
  const bySourceId = columnsNamed(content, 'source_id')
  const byId = columnsNamed(content, 'id')
  return eraseList(
    content,
    'rows',
    (row) =>
      Array.isArray(row) &&
      (bySourceId.some((column) => isNamed(row[column], sourceId)) ||
        byId.some((column) => [sourceId, ...ids].some((name) => isNamed(row[column], name)))),
  )
}

const isNamed = (value: JsonValue | undefined, name: string | null): boolean =>
  name !== null && value === name

/** Headers of CSV files are written in any case, with blanks around them or without. */
function columnsNamed({ columns }: JsonObject, name: string): number[] {
  if (!Array.isArray(columns)) return []
  return columns.flatMap((column, index) =>
    typeof column === 'string' && column.trim().toLowerCase() === name ? [index] : [],
  )
}

function eraseList(content: JsonValue, key: string, names: Names): JsonObject | undefined {
  if (!isJsonObject(content)) return undefined
  const list = content[key]
  const erased = Array.isArray(list) ? eraseItems(list, names) : undefined
  return erased === undefined ? undefined : { ...content, [key]: erased }
}

const eraseItems = (items: readonly JsonValue[], names: Names): JsonValue[] | undefined =>
  items.some(names) ? items.map((item) => (names(item) ? ERASED : item)) : undefined
