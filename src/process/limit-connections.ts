import { Logger } from '@nestjs/common'
import { type Server } from 'node:net'
import { seldom } from '../kernel/index.js'

const SILENCE_MS = 60_000

/** Closes connections beyond so many at once, before anything is read from them, and says so once a minute. */
export function limitConnections(server: Server, most: number): void {
  const logger = new Logger('Connections')
  server.maxConnections = most
  const closed = seldom(SILENCE_MS, (times) => {
    logger.warn(
      `Clients have ${most} connections, as many as MAX_CONNECTIONS allows; further ones are closed (${times}).`,
    )
  })
  server.on('drop', closed)
}
