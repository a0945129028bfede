import { invalidPayload } from '../../kernel/index.js'
import { columnOf, type CsvColumn, keyOfColumn } from '../domain/csv-columns.js'
import { checkMetadata } from '../domain/metadata.js'
import { RowRefusal } from '../domain/row-refusal.js'

/** As many as a customer can have attributes and keys of metadata. */
export const MAX_COLUMNS = 5_000

/** What the columns of a file are. Throws the 400 that names the column of which nobody can tell, or that no customer can have. */
export function readCsvHeader(names: readonly string[], maxStringLength: number): CsvColumn[] {
  if (names.length > MAX_COLUMNS) throw invalidPayload(`The file has more than ${MAX_COLUMNS} columns`)
  refuseOtherSeparators(names)
  const columns = names.map(columnOf)
  const seen = new Map<string, number>()
  columns.forEach((column, index) => {
    if (names[index]?.trim() === '') throw invalidPayload(`Column ${index + 1} of the file has no name`)
    const key = keyOfColumn(column)
    const twin = seen.get(key)
    if (twin !== undefined) {
      throw invalidPayload(
        `Columns ${twin + 1} and ${index + 1} of the file are the same: ${shown(names, index)}`,
      )
    }
    seen.set(key, index)
    if (column.kind === 'metadata')
      checkKey([column.name], `Column ${index + 1} of the file`, maxStringLength)
  })
  checkKey(
    columns.flatMap((column) => (column.kind === 'metadata' ? [column.name] : [])),
    'The header of the file',
    maxStringLength,
  )
  return columns
}

/**
 * Spreadsheets separate cells by semicolons in half of the world. Such a file would be one column of metadata, and each
 * of its lines a new customer without any name.
 */
function refuseOtherSeparators([first = '', ...others]: readonly string[]): void {
  const separator = /[;\t]/.exec(first)?.[0]
  if (others.length > 0 || separator === undefined) return
  const found = separator === ';' ? 'semicolons' : 'tabs'
  throw invalidPayload(`The first line of the file has ${found} and no comma: separate the cells by commas`)
}

/** What holds for metadata keys anywhere. */
function checkKey(keys: readonly string[], place: string, maxStringLength: number): void {
  try {
    checkMetadata(Object.fromEntries(keys.map((key) => [key, ''])), maxStringLength)
  } catch (refusal) {
    throw refusal instanceof RowRefusal
      ? invalidPayload(`${place} cannot be kept. ${refusal.failure.details}`)
      : refusal
  }
}

const shown = (names: readonly string[], index: number): string => (names[index] ?? '').trim().slice(0, 100)
