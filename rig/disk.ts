import { spawnSync } from 'node:child_process'
import { chownSync, closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const MEGABYTE = Buffer.alloc(1_048_576)
const MEGABYTES = 1_024

/** A small disk of its own, to be filled and emptied again. */
export interface Disk {
  readonly path: string
  /** Gives it to whoever owns another file. */
  readonly own: (like: string) => void
  /** Takes all that is left on it. */
  readonly fill: () => void
  readonly empty: () => void
  readonly unmount: () => void
}

/** In memory, which takes the right to mount; nothing where this user has none. */
export function mountDisk(path: string): Disk | undefined {
  mkdirSync(path)
  const options = ['-t', 'tmpfs', '-o', `size=${MEGABYTES}m`, 'rollcall-faults', path]
  if (spawnSync('mount', options).status !== 0) return undefined
  const filler = join(path, 'filler')
  return {
    path,
    own: (like) => {
      const { uid, gid } = statSync(like)
      chownSync(path, uid, gid)
    },
    fill: () => {
      fillUp(filler)
    },
    empty: () => {
      rmSync(filler, { force: true })
    },
    unmount: () => {
      if (spawnSync('umount', [path]).status !== 0) throw new Error(`${path} cannot be unmounted.`)
    },
  }
}

function fillUp(file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (let megabyte = 0; megabyte <= MEGABYTES; megabyte++) writeSync(descriptor, MEGABYTE)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(descriptor)
  }
}
