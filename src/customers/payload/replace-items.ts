import { scanArray } from './scan-array.js'

/**
 * The text of a JSON array with the items at some places replaced, and every other byte as it was. Parsed and written
 * out again, other items would not mean the same: `1e400` would be null, and 9,000 levels are too deep to be written.
 */
export function replaceItems(text: string, places: ReadonlySet<number>, replacement: string): string {
  const bytes = Buffer.from(text)
  const items = Array.from(scanArray(bytes, 0), ({ start, end, firstRow }) =>
    places.has(firstRow) ? replacement : bytes.toString('utf8', start, end),
  )
  return `[${items.join(',')}]`
}
