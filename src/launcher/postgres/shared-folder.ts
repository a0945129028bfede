import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Reachable by every user and kept over reboots. Used only as root, for what PostgreSQL cannot reach elsewhere. */
const SHARED_FOLDER = '/var/lib/rollcall'

/** A path in the shared folder, which is made when it is not there. */
export function inSharedFolder(name: string): string {
  mkdirSync(SHARED_FOLDER, { recursive: true })
  chmodSync(SHARED_FOLDER, 0o755)
  return join(SHARED_FOLDER, name)
}
