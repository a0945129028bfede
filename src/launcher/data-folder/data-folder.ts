import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { StartError } from '../start-error.js'
import { makeWritableFolder } from './make-folder.js'

/** Lets others pass through to a folder of theirs, but not look around. Every file in it is for its owner only. */
const PASS_THROUGH = 0o711
const OWNER_ONLY = 0o700

/** Where a start keeps what must outlive it, and what others need to find it. */
export class DataFolder {
  readonly path: string

  /** @param given the value of DATA_DIR, exactly as it was given: operators look processes up by it. */
  constructor(readonly given: string) {
    this.path = resolve(given)
  }

  /** Creates it unless it is there. As root PostgreSQL runs as somebody else, who must get to its own part. */
  create(): void {
    const verb = existsSync(this.path) ? 'used' : 'made'
    try {
      makeWritableFolder(this.path, process.getuid?.() === 0 ? PASS_THROUGH : OWNER_ONLY)
    } catch (cause) {
      const { message } = cause as Error
      const advice = 'Set DATA_DIR to a folder you may write to.'
      throw new StartError(`The data folder ${this.path} cannot be ${verb} (${message}). ${advice}`, 2)
    }
  }

  file(name: string): string {
    return join(this.path, name)
  }
}
