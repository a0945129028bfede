import { once } from 'node:events'
import { createServer } from 'node:net'
import { type Settings } from '../config/index.js'
import { toListenError } from '../process/listen-error.js'
import { StartError } from './start-error.js'

/**
 * Listens on HOST and PORT for a moment: what is wrong with them is told at once and one time, not after the
 * servers came up, and not by every process that wanted to listen there.
 */
export async function requireAddress({ host, port }: Settings): Promise<void> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    const { message, isPortInUse } = toListenError(cause, { host, port })
    throw new StartError(message, isPortInUse ? 1 : 2)
  }
  await new Promise((resolve) => server.close(resolve))
}
