import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { StartError } from '../start-error.js'

/** Reads a JSON file that {@link writePrivately} wrote; undefined when there is none. Throws a {@link StartError}. */
export function readPrivately(file: string): unknown {
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    // Not the parser's own words, which quote what it stumbled over: it may be a secret.
    throw new StartError(`${file} is damaged: it holds no JSON. Put back what it held.`)
  }
}

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivately(file: string, content: object | string): void {
  const aside = `${file}.new`
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`
  writeFileSync(aside, text, { mode: 0o600 })
  renameSync(aside, file)
}
