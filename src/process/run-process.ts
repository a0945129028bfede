import { Logger } from '@nestjs/common'
import { type NestExpressApplication } from '@nestjs/platform-express'
import { config } from 'dotenv'
import { once } from 'node:events'
import { type AddressInfo } from 'node:net'
import { loadSettings, type Settings, SettingsError } from '../config/index.js'
import { PublicAddress } from '../http/index.js'
import { BEHIND, stepBack } from '../priority/index.js'
import { createApp } from './create-app.js'
import { limitConnections } from './limit-connections.js'
import { ListenError, toListenError } from './listen-error.js'

/** Exit codes that tell the launcher that starting again would not help. */
const EXIT = { failed: 1, wrongSettings: 2, portInUse: 3 } as const

/**
 * A request of the largest size at the slowest rate that is waited for, 115 s, after the longest wait in line, 30 s.
 * How fast a body has to come in is watched by whoever reads it.
 */
const LONGEST_REQUEST_MS = 150_000

/** A stop that takes longer than this is cut off: the lease and the transactions make that safe. */
const LONGEST_STOP_MS = 9_000

/** Runs one API or one worker, until a signal or the end of the launcher asks it to stop. */
export async function runProcess(): Promise<void> {
  try {
    config({ quiet: true })
    const settings = loadSettings(process.env)
    requireOneRole(settings)
    if (settings.role === 'worker') stepBack(BEHIND.worker)
    let close = () => Promise.resolve()
    stopOnRequest(() => close())
    const app = await createApp(settings)
    close = () => app.close()
    await listen(app, settings)
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`)
    process.exit(exitCodeOf(error))
  }
}

/** `npm start` fills in both; who runs this program by hand has to. */
function requireOneRole({ role, databaseUrl }: Settings): void {
  if (role === 'all')
    throw new SettingsError('One process has one role: set ROLE=api or ROLE=worker, or use npm start.')
  if (databaseUrl === undefined)
    throw new SettingsError('Set DATABASE_URL to the PostgreSQL to use, or use npm start.')
}

/** Not by Nest's own `listen`, which writes an error to the log before we can say it in plain words. */
async function listen(
  app: NestExpressApplication,
  { role, port, host, maxConnections }: Settings,
): Promise<void> {
  await app.init()
  const server = app.getHttpServer()
  // Longer than proxies keep theirs, 60 s as a rule: one that sends on a connection just closed here tells its client 502.
  limitConnections(server, maxConnections)
  server.keepAliveTimeout = 65_000
  server.headersTimeout = 15_000
  server.requestTimeout = LONGEST_REQUEST_MS
  Object.assign(server, { connectionsCheckingInterval: 5_000 }) // otherwise both are looked at every 30 s
  server.listen(port, host)
  await once(server, 'listening').catch((error: unknown) => {
    throw toListenError(error, { port, host })
  })
  const address = app.get(PublicAddress)
  address.listensOn(server.address() as AddressInfo)
  if (role === 'api' && address.trouble) new Logger('Start').warn(address.trouble)
  if (process.send) process.send({ type: 'ready', url: address.listeningUrl })
  else new Logger('Start').log(`Listens on ${address.listeningUrl}.`)
}

/**
 * Signals of an operator, and the launcher's end: whoever started this process is no longer there to stop it. Heard
 * from the beginning, because a process that waits for its database is as much without a launcher as one that works.
 */
function stopOnRequest(close: () => Promise<void>): void {
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    setTimeout(() => {
      process.exit(EXIT.failed)
    }, LONGEST_STOP_MS).unref()
    void close().then(
      () => process.exit(0),
      (error: unknown) => {
        new Logger('Stop').error(String(error))
        process.exit(EXIT.failed)
      },
    )
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop)
  process.on('disconnect', stop)
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ListenError) return error.isPortInUse ? EXIT.portInUse : EXIT.wrongSettings
  return error instanceof SettingsError ? EXIT.wrongSettings : EXIT.failed
}

function explain(error: unknown): string {
  if (error instanceof SettingsError || error instanceof ListenError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
