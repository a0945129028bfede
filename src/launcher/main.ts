import 'reflect-metadata'
import { resolve } from 'node:path'
import { config as readEnvFile } from 'dotenv'
import { loadSettings, type Settings, SettingsError } from '../config/index.js'
import { forLogWithPlace } from '../database/index.js'
import { type ProjectKeys } from '../projects/index.js'
import { requireAddress } from './address.js'
import { apiBanner } from './banner.js'
import { Crew } from './children/crew.js'
import { DataFolder } from './data-folder/data-folder.js'
import { prepareFirstProject } from './first-project.js'
import { awaitEndOfPrevious } from './data-folder/previous-start.js'
import { RunningFile } from './data-folder/running-file.js'
import { prepareDatabase } from './postgres/prepare-database.js'
import { provideRedis, providePostgres } from './servers.js'
import { StartError } from './start-error.js'
import { StopList } from './stop-list.js'
import { listenForStop, unlessStopped } from './stop-signals.js'

/** Another process that holds the lock one wants. */
interface Holder {
  readonly pid: number
  readonly since: string
}

/** The lock of scripts/lock.mjs, handed in because that file also serves before anything is built. */
export type AcquireLock = (
  folder: string,
  options: { onBusy: (holder: Holder) => void },
) => Promise<{ release: () => void }>

/** Brings everything up, stays until asked to stop, takes everything down; returns the exit code. */
export async function launch({ acquireLock }: { acquireLock: AcquireLock }): Promise<number> {
  surviveClosedTerminal()
  const signal = listenForStop(() => {
    say('\nStopping …')
  })
  const stopList = new StopList()
  try {
    await bringUp(acquireLock, stopList, signal)
    await unlessStopped(new Promise<never>(() => undefined), signal)
    return 0
  } catch (error) {
    // Whatever went wrong after that: the signal also reached what was being brought up.
    if (signal.aborted) return 0
    return report(error as Error)
  } finally {
    await stopList.stopAll(say)
  }
}

async function bringUp(acquireLock: AcquireLock, stopList: StopList, signal: AbortSignal): Promise<void> {
  readEnvFile({ quiet: true })
  const settings = loadSettings(process.env)
  checkDatabaseSettings(settings)
  const folder = await takeFolder(settings, acquireLock, stopList)
  await requireAddress(settings)
  const running = new RunningFile(folder)
  stopList.add(() => {
    running.remove()
  })
  running.update({ pid: process.pid })

  const serverOptions = { settings, folder, stopList, signal, say }
  const ownerUrl = await providePostgres(serverOptions)
  const redisUrl = await provideRedis(serverOptions)
  // Never that of an owner who keeps apart from the processes: they can read the file.
  running.update({
    databaseUrl: settings.databaseUrl ?? ownerUrl,
    ...(redisUrl === undefined ? {} : { redisUrl }),
  })
  signal.throwIfAborted()
  const databaseUrl = await unlessStopped(prepareDatabase(settings, ownerUrl), signal)
  const keys =
    settings.role === 'worker' ? undefined : await prepareFirstProject({ settings, folder, ownerUrl, say })
  signal.throwIfAborted()

  const env = childEnvironment(folder, databaseUrl, redisUrl)
  const crew = new Crew({ settings, env, dataFolder: folder.path, running, say })
  stopList.add(() => crew.stop())
  const url = await crew.start(signal)
  running.update({ baseUrl: url })
  welcome(settings, url, keys)
}

/** The data folder, for this start alone, once what an earlier one left has ended. */
async function takeFolder(
  { dataDir }: Settings,
  acquireLock: AcquireLock,
  stopList: StopList,
): Promise<DataFolder> {
  const folder = new DataFolder(process.env.DATA_DIR ? dataDir : resolve(dataDir))
  folder.create()
  await lock(folder, acquireLock, stopList)
  await awaitEndOfPrevious(folder, say)
  return folder
}

function checkDatabaseSettings({ role, databaseUrl, ownerDatabaseUrl }: Settings): void {
  if (databaseUrl !== undefined) return
  // A worker alone cannot mean a PostgreSQL of its own: there would be nothing for it to do, ever.
  if (role === 'worker')
    throw new StartError('ROLE=worker needs DATABASE_URL: the PostgreSQL that the API uses.', 2)
  if (ownerDatabaseUrl !== undefined)
    throw new StartError('OWNER_DATABASE_URL needs DATABASE_URL: the login of the API and the workers.', 2)
}

async function lock(folder: DataFolder, acquireLock: AcquireLock, stopList: StopList): Promise<void> {
  const onBusy = ({ pid, since }: Holder) => {
    throw new StartError(
      `The data folder ${folder.path} is in use by another start (process ${pid}, since ${since}).\n` +
        'Stop that one first, or give this one a folder and a port of its own: DATA_DIR=… PORT=… npm start',
    )
  }
  const held = await acquireLock(folder.file('lock'), { onBusy })
  stopList.add(() => {
    held.release()
  })
}

/** Children get what we got, with the servers filled in. An operator finds them by the DATA_DIR that was given. */
function childEnvironment(
  folder: DataFolder,
  databaseUrl: string,
  redisUrl: string | undefined,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DATA_DIR: folder.given,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
  }
  if (redisUrl === undefined) delete env.REDIS_URL
  // Not for them: who breaks into one must not own the tables. Empty, so that they do not take it from .env either.
  env.OWNER_DATABASE_URL = ''
  return env
}

function welcome(
  { role, workerCount, databaseUrl, nodeEnv }: Settings,
  url: string,
  keys: ProjectKeys | undefined,
): void {
  say(
    role === 'worker'
      ? `${workerCount} worker(s) ready; health at ${url}/health/ready`
      : apiBanner(url, keys, { shownAgain: databaseUrl === undefined && nodeEnv !== 'production' }),
  )
  if (role === 'api' && databaseUrl === undefined) say(NOBODY_WORKS)
}

const NOBODY_WORKS =
  'ROLE=api: what is accepted waits until a worker runs, ROLE=worker with the databaseUrl of running.json as DATABASE_URL.'

/** Known troubles in plain words, anything else with its stack. */
function report(error: Error): number {
  const isKnown = error instanceof StartError || error instanceof SettingsError
  console.error(isKnown ? error.message : forLogWithPlace(error))
  if (error instanceof SettingsError) return 2
  return error instanceof StartError ? error.exitCode : 1
}

function say(line: string): void {
  console.log(line)
}

/** When the terminal is gone there is nobody to write to, and everything must still be stopped in order. */
function surviveClosedTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}
