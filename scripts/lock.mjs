/**
 * A lock between processes that outlives no owner: a folder in which everybody who wants the lock leaves a
 * claim, a file named after its process. Whoever finds no other living claim beside the own one holds the lock.
 *
 * Two cannot hold it at once: each puts its claim down before it looks, so of two the later to look sees the
 * other. And a dead owner's claim may be removed by anybody at any time, because its name (process id, start
 * time, a random part) never comes back: there is no moment between "it is stale" and "remove it" in which it
 * could have become somebody else's. That is what a single lock file cannot offer.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isSameProcessRunning, startTimeOf } from './process-identity.mjs'

const LOOK_AGAIN_MS = 50

/**
 * Waits for the lock of `folder` and takes it. While somebody else holds it, `onBusy` is called with
 * `{pid, since}` of the holder at each look; what it throws ends the wait, and the claim is withdrawn.
 */
export async function acquireLock(folder, { onBusy = () => {} } = {}) {
  mkdirSync(folder, { recursive: true })
  const claim = newClaim()
  try {
    await waitUntilAlone(folder, claim, onBusy)
  } catch (error) {
    withdraw(folder, claim)
    throw error
  }
  return { release: () => withdraw(folder, claim) }
}

async function waitUntilAlone(folder, claim, onBusy) {
  for (;;) {
    put(folder, claim)
    const others = livingClaims(folder).filter((other) => other.name !== claim.name)
    if (others.length === 0) return put(folder, Object.assign(claim, { held: true }))
    const holder = others.find((other) => other.held)
    if (holder) onBusy({ pid: holder.pid, since: holder.since })
    // Among those who merely want the lock the first by name stays in line; the rest step back and come again.
    if (others.some((other) => !other.held && other.name < claim.name)) withdraw(folder, claim)
    await pause(LOOK_AGAIN_MS)
  }
}

function newClaim() {
  const startedAt = startTimeOf(process.pid)
  const name = `${process.pid}-${startedAt.replaceAll(/\W+/g, '_')}-${randomUUID()}`
  return { name, pid: process.pid, startedAt, since: new Date().toISOString(), held: false }
}

/** Written aside and renamed, so that nobody ever reads half a claim. */
function put(folder, claim) {
  const aside = join(folder, `.${claim.name}`)
  writeFileSync(aside, JSON.stringify(claim), { mode: 0o644 })
  renameSync(aside, join(folder, claim.name))
}

function withdraw(folder, claim) {
  rmSync(join(folder, claim.name), { force: true })
}

function livingClaims(folder) {
  const claims = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => read(folder, name))
    .filter((claim) => claim !== undefined)
  for (const claim of claims.filter((each) => !isSameProcessRunning(each))) withdraw(folder, claim)
  return claims.filter(isSameProcessRunning)
}

function read(folder, name) {
  try {
    return JSON.parse(readFileSync(join(folder, name), 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined // withdrawn since the folder was listed
    throw error
  }
}
