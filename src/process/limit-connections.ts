import { Logger } from '@nestjs/common'
import { type Server } from 'node:net'

const SILENCE_MS = 60_000

/** Closes connections beyond so many at once, before anything is read from them, and says so once a minute. */
export function limitConnections(server: Server, most: number): void {
  const logger = new Logger('Connections')
  let silentUntil = 0
  server.maxConnections = most
  server.on('drop', () => {
    if (performance.now() < silentUntil) return
    silentUntil = performance.now() + SILENCE_MS
    logger.warn(
      `Clients have ${most} connections, as many as MAX_CONNECTIONS allows; further ones are closed.`,
    )
  })
}
