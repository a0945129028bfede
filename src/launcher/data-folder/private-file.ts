import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { StartError } from '../start-error.js'

/**
 * Reads a JSON file that {@link writePrivately} wrote; undefined when there is none. Throws a {@link StartError}, which
 * says what to do with one that is damaged.
 */
export function readPrivately(file: string, remedy = 'Put back what it held.'): unknown {
  if (!existsSync(file)) return undefined
  const text = readText(file)
  try {
    return JSON.parse(text)
  } catch {
    // Not the parser's own words, which quote what it stumbled over: it may be a secret.
    throw new StartError(`${file} is damaged: it holds no JSON. ${remedy}`)
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartError(`${file} cannot be read: ${(error as Error).message}`)
  }
}

/** Takes the rights of others to a file away, which an editor may have given them. Throws a {@link StartError}. */
export function keepPrivate(file: string): void {
  try {
    if ((statSync(file).mode & OF_OTHERS) !== 0) chmodSync(file, 0o600)
  } catch (error) {
    throw new StartError(
      `${file} is open to others and cannot be closed to them: ${(error as Error).message}`,
    )
  }
}

const OF_OTHERS = 0o077

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivately(file: string, content: object | string): void {
  const aside = `${file}.new`
  const text = typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`
  const descriptor = openSync(aside, 'w', 0o600)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor) // or a power cut may leave the new name with nothing in it
  } finally {
    closeSync(descriptor)
  }
  renameSync(aside, file)
}
