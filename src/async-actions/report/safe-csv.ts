import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { defuse } from './csv.js'

/** Report lines with every cell defused for spreadsheets. */
export const defuseCells = (lines: string): string => {
  const rows: string[][] = parse(lines, { relax_column_count: true })
  return stringify(
    rows.map((cells) => cells.map(defuse)),
    { record_delimiter: '\r\n', quoted_match: /[\r\n]/ },
  )
}
