import { type JsonObject } from '../../kernel/index.js'
import { type CsvColumn } from './csv-columns.js'
import { type CustomerRow, readChanges, refusedRow, type RowLimits } from './customer-row.js'
import { checkText, failRow } from './row-refusal.js'

/**
 * Reads one line of a CSV file, which names its customer by our id, by `source_id`, or not at all. A cell that is
 * empty wants nothing. Metadata are texts, whatever they look like: nothing says of what type they should be.
 */
export function readCsvRow(
  columns: readonly CsvColumn[],
  cells: readonly string[],
  limits: RowLimits,
): CustomerRow {
  const item = toItem(columns, cells)
  const { id: customerId = '', source_id: sourceId = '' } = item as { id?: string; source_id?: string }
  const names = { sourceId, ...(customerId !== '' && { customerId }) }
  try {
    checkLength(columns, cells)
    checkText('id', customerId, limits.maxSourceIdLength)
    checkText('source_id', sourceId, limits.maxSourceIdLength)
    return { ...names, changes: readChanges(item, limits.maxStringLength) }
  } catch (refusal) {
    return refusedRow(names, refusal)
  }
}

/** The line in the form of an item of a bulk request; its id beside it. */
function toItem(columns: readonly CsvColumn[], cells: readonly string[]): JsonObject {
  const item: JsonObject = {}
  columns.forEach((column, index) => {
    const cell = cells[index]
    if (cell === undefined || cell === '') return
    if (column.kind === 'address' || column.kind === 'metadata') {
      const part = (item[column.kind] ??= {}) as JsonObject
      part[column.name] = cell
    } else item[column.kind === 'attribute' ? column.name : column.kind] = cell
  })
  return item
}

/** In a line that is too short or too long, nobody knows which cell belongs to which column. */
function checkLength(columns: readonly CsvColumn[], cells: readonly string[]): void {
  if (cells.length > columns.length)
    failRow('invalid_payload', `The row has more cells than the header, which has ${String(columns.length)}`)
  if (cells.length < columns.length)
    failRow(
      'invalid_payload',
      `The row has ${String(cells.length)} cells, the header ${String(columns.length)}`,
    )
}
