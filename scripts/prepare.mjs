/**
 * Makes a clone ready to run: the packages of package-lock.json installed, the sources built. Does nothing
 * when both are up to date. Has no dependencies, because it runs before there are any. Everything it has to
 * say goes to stderr, so that commands can keep stdout for their results.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mkdirSync, writeFileSync } from 'node:fs'
import { buildSources, isBuilt } from './build.mjs'
import { installPackages, isInstalled } from './install.mjs'
import { acquireLock } from './lock.mjs'
import { sayLater } from './say-later.mjs'

const OLDEST_NODE = [20, 19]
/** Another start that merely finds everything up to date holds the lock for less. */
const A_MOMENT_MS = 1_000

/** The folder of this clone. */
export const CLONE = dirname(dirname(fileURLToPath(import.meta.url)))

/** Installs and builds what is missing or stale; of several starts from one clone one does it, the rest wait. */
export async function prepare() {
  requireNode()
  // Without a trace, so that a clone that is ready may be read-only.
  if (isReady()) return
  const workFolder = makeWorkFolder()
  const lock = await acquireLock(join(workFolder, 'lock'), { onBusy: sayLater(A_MOMENT_MS, sayWhoIsAtIt) })
  try {
    if (!isInstalled(CLONE)) await installPackages(CLONE)
    if (!isBuilt(CLONE)) await buildSources(CLONE, workFolder)
  } finally {
    lock.release()
  }
}

const isReady = () => isInstalled(CLONE) && isBuilt(CLONE)

/** Ends the process with a plain message when Node.js is too old for what is about to run. */
function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  console.error(
    `Rollcall needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.\n` +
      'Install a current one from https://nodejs.org and run the command again.',
  )
  process.exit(1)
}

/** A folder for the lock and for half-finished builds, which keeps itself out of version control. */
function makeWorkFolder() {
  const folder = join(CLONE, '.prepare')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '.gitignore'), '*\n')
  return folder
}

function sayWhoIsAtIt({ pid }) {
  console.error(`Another start (process ${pid}) is installing or building this clone; waiting for it.`)
}
