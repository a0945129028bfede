import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs'

const LARGEST_BYTES = 10 * 1024 * 1024

/** The log of a server: appended to, and set aside at a start once it has grown large. */
export class LogFile {
  #begin = 0

  constructor(readonly path: string) {}

  /** Opens it for a server to write to; what {@link sinceOpened} returns begins here. */
  open(): number {
    if (this.#size() > LARGEST_BYTES) renameSync(this.path, `${this.path}.old`)
    this.#begin = this.#size()
    return openSync(this.path, 'a', 0o600)
  }

  /** What was written since the last {@link open}, at most its end of 8 kB. */
  sinceOpened(): string {
    const end = this.#size()
    const from = Math.max(this.#begin, end - 8_192)
    const buffer = Buffer.alloc(end - from)
    const file = openSync(this.path, 'r')
    try {
      readSync(file, buffer, 0, buffer.length, from)
    } finally {
      closeSync(file)
    }
    return buffer.toString('utf8').trim()
  }

  #size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0
  }
}
