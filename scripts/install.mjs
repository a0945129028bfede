/** The packages of package-lock.json in node_modules: are they there, and put them there. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runTool } from './run-tool.mjs'

/** Whether node_modules holds what package-lock.json says. */
export function isInstalled(clone) {
  const stamp = stampOf(clone)
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === lockHash(clone)
  if (!isInstalledByHand(clone)) return false
  writeFileSync(stamp, lockHash(clone))
  return true
}

/** Installs all packages, without running any script that a package brings along. */
export async function installPackages(clone) {
  console.error('Installing packages (once; takes about a minute) …')
  await runTool('npm', ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: clone,
    failure: 'The packages could not be installed. See what npm says above; without network this cannot work',
  })
  writeFileSync(stampOf(clone), lockHash(clone))
}

/** Lies inside node_modules, so that it vanishes with what it vouches for. */
function stampOf(clone) {
  return join(clone, 'node_modules', '.rollcall-install')
}

function lockHash(clone) {
  return createHash('sha256')
    .update(readFileSync(join(clone, 'package-lock.json')))
    .digest('hex')
}

/** A developer ran npm: it notes what it installed, and that is compared package by package. */
function isInstalledByHand(clone) {
  const note = join(clone, 'node_modules', '.package-lock.json')
  if (!existsSync(note)) return false
  const installed = packagesOf(note)
  const wanted = Object.entries(packagesOf(join(clone, 'package-lock.json')))
  return wanted.every(([path, { version, optional, devOptional }]) => {
    const found = installed[path]
    return path === '' || (found ? found.version === version : Boolean(optional ?? devOptional))
  })
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
}
