import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { libraryPackages } from './apt-dependencies.js'
import { findOnPath, type RedisBinary, runs, type Search } from './redis-binary.js'

/** All of it together, so that a start without network goes on soon. */
const FETCH_TIMEOUT_MS = 60_000
const TOOLS = ['apt-get', 'apt-cache', 'dpkg']

type Run = (command: string, args: string[]) => Promise<string>

/**
 * Redis from the packages of Debian or Ubuntu, unpacked into a cache folder: nothing is installed, nothing of
 * the system changes, and no rights are needed. Fetched once, then found there.
 */
export async function fetchRedisPackage(search: Search): Promise<RedisBinary> {
  const { env, say, signal } = search
  const home = join(env.XDG_CACHE_HOME ?? join(env.HOME ?? homedir(), '.cache'), 'rollcall')
  const unpacked = join(home, `redis-${systemName()}-${process.arch}`)
  const cached = unpackedRedis(unpacked)
  if (await runs(cached)) return cached
  requireApt(env)
  say('Fetching Redis from the packages of this system (once; it is not installed) …')
  try {
    await fetchInto(unpacked, home, search)
  } catch (error) {
    signal?.throwIfAborted()
    throw new Error(`it could not be fetched: ${lastLine(error)}`)
  }
  const fetched = unpackedRedis(unpacked)
  if (await runs(fetched)) return fetched
  throw new Error('the package of this system does not run here')
}

/** Where the packages put the program and its libraries. */
function unpackedRedis(folder: string): RedisBinary {
  const libraries = ['usr/lib', 'lib'].map((each) => join(folder, each)).filter((each) => existsSync(each))
  const libraryPath = libraries.flatMap((each) => [each, ...multiarchFolders(each)]).join(':')
  return { command: join(folder, 'usr', 'bin', 'redis-server'), libraryPath }
}

function multiarchFolders(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.includes('-linux-'))
    .map((name) => join(folder, name))
}

function requireApt(env: NodeJS.ProcessEnv): void {
  const missing = TOOLS.find((tool) => findOnPath(tool, env.PATH) === undefined)
  if (missing !== undefined) {
    throw new Error(
      `there is no valkey-server or redis-server on the PATH, and no ${missing} to fetch one with`,
    )
  }
}

/** Works in a folder of its own and renames at the end: several starts at once do not get in each other's way. */
async function fetchInto(unpacked: string, home: string, search: Search): Promise<void> {
  mkdirSync(home, { recursive: true })
  const work = mkdtempSync(join(home, 'fetch-'))
  try {
    const tree = await download(work, search)
    rmSync(unpacked, { recursive: true, force: true })
    renameSync(tree, unpacked)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function download(work: string, search: Search): Promise<string> {
  const run = runnerIn(work, search)
  for (const folder of ['lists/partial', 'cache/archives/partial', 'tree']) {
    mkdirSync(join(work, folder), { recursive: true })
  }
  const apt = aptOptions(work)
  await run('apt-get', [...apt, '-qq', 'update'])
  const tree = await run('apt-cache', [...apt, 'depends', '--recurse', '--important', 'redis-server'])
  await run('apt-get', [
    ...apt,
    '-qq',
    'download',
    'redis-server',
    'redis-tools',
    ...libraryPackages(tree, 'redis-server'),
  ])
  for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg', ['-x', file, 'tree'])
  }
  return join(work, 'tree')
}

/** Keeps everything apt writes in a folder of ours, and apt as the user we are. */
function aptOptions(work: string): string[] {
  return [
    `Dir::State::Lists=${join(work, 'lists')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
    'Acquire::Retries=1',
  ].flatMap((option) => ['-o', option])
}

function runnerIn(work: string, { env, signal }: Search): Run {
  const timeout = AbortSignal.timeout(FETCH_TIMEOUT_MS)
  const end = signal ? AbortSignal.any([timeout, signal]) : timeout
  return async (command, args) => {
    const options = { cwd: work, env: { ...env, LC_ALL: 'C' }, signal: end, maxBuffer: 64 * 1024 * 1024 }
    const { stdout } = await promisify(execFile)(command, args, options)
    return stdout
  }
}

/** Distribution and release: a cache folder may be shared by machines, and a machine be upgraded. */
function systemName(): string {
  const file = '/etc/os-release'
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? ''
  return `${field('ID')}${field('VERSION_ID')}`.replaceAll(/[^\w.]/g, '') || process.platform
}

function lastLine(error: unknown): string {
  const { name, message, stderr } = error as Error & { stderr?: string }
  if (name === 'AbortError') return `not done in ${FETCH_TIMEOUT_MS / 1000} s`
  if (stderr?.includes('No packages found')) return 'apt finds no package redis-server; is there a network?'
  return (stderr?.trim() || message).split('\n').at(-1) ?? message
}
