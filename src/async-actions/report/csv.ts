import { type RowOutcome } from '../../kernel/index.js'

/** First line of every report (RFC 4180, CRLF). */
export const REPORT_HEADER = 'source_id,found,updated,key,message,details\r\n'

/** The report lines of outcomes, in their order. The `source_id` is exact; other texts are defused. */
export const toCsv = (outcomes: readonly RowOutcome[]): string => outcomes.map(toLine).join('')

/** How a text stands within a cell that has it and more. */
export const partOfCell = (text: string): string => visible(text).replaceAll('"', '""')

/** How a `source_id` stands at the beginning of its line. */
export const sourceIdCell = (sourceId: string): string => quote(visible(sourceId))

function toLine({ sourceId, found, updated, failure }: RowOutcome): string {
  const result = `${sourceIdCell(sourceId)},${String(found)},${String(updated)}`
  if (failure === undefined) return `${result},,,\r\n`
  const words = [failure.key, failure.message, failure.details].map((text) => quote(defuse(visible(text))))
  return `${result},${words.join(',')}\r\n`
}

const quote = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** Spreadsheets take a cell that begins like a formula for one; an apostrophe before it makes it text. */
export const defuse = (cell: string): string => (/^[=+\-@\t\r＝＋－＠]/.test(cell) ? `'${cell}` : cell)

/** What a UTF-8 file cannot hold exactly is shown by its escape. */
function visible(text: string): string {
  if (!text.includes('\0') && text.isWellFormed()) return text
  return text.replace(/\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, escapeOf)
}

const escapeOf = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
