/**
 * A process that uses the lock, for lock.spec.ts: `node lock-user.mjs <hold|try|contend|wait> <folder>`.
 * hold: takes it and stays; try: takes it or says who holds it; contend: takes it again and again, and says
 * CLASH should somebody else be inside at the same time; wait: says at which looks, in ms, a wait of 1 s is told.
 */
import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { acquireLock } from '../../scripts/lock.mjs'
import { sayLater } from '../../scripts/say-later.mjs'

const [, , mode, folder] = process.argv
const ROUNDS = 15

const modes = { hold, try: tryOnce, contend, wait }
await modes[mode]()

async function hold() {
  await acquireLock(folder)
  console.log('held')
  setInterval(() => {}, 60_000)
}

async function tryOnce() {
  const onBusy = ({ pid }) => {
    throw new Error(`busy ${pid}`)
  }
  try {
    await acquireLock(folder, { onBusy })
    console.log('held')
  } catch (error) {
    console.log(error.message)
  }
}

async function contend() {
  for (let round = 0; round < ROUNDS; round++) {
    const lock = await acquireLock(folder)
    beAlone()
    lock.release()
  }
  console.log('done')
}

function beAlone() {
  const inside = join(folder, '.inside')
  try {
    mkdirSync(inside)
  } catch {
    console.log('CLASH')
    return
  }
  rmdirSync(inside)
}

function wait() {
  let clock = 5_000
  const look = sayLater(
    1_000,
    (at) => console.log(at),
    () => clock,
  )
  for (const at of [0, 50, 999, 1_000, 1_050, 9_000]) {
    clock = 5_000 + at
    look(at)
  }
}
