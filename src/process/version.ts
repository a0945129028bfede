import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The release, as package.json names it. */
export function version(): string {
  const file = join(__dirname, '..', '..', 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { version: string }
  return manifest.version
}
