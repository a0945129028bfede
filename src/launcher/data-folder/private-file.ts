import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Reads a JSON file that {@link writePrivately} wrote; undefined when there is none. */
export function readPrivately(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivately(file: string, content: object | string): void {
  const aside = `${file}.new`
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`
  writeFileSync(aside, text, { mode: 0o600 })
  renameSync(aside, file)
}
