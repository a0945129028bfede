import { type Socket } from 'node:net'
import { type Client } from 'pg'
import { type Backend } from '../priority/index.js'

/** What the driver knows of a connection beyond its types. */
interface Connected {
  readonly processID: number
  readonly connection: { readonly stream: Socket }
}

/** Who serves a connection; on a Unix socket there is no port by which it could be known. */
export function backendOf(client: Client): Backend {
  const { processID, connection } = client as unknown as Connected
  return { pid: processID, clientPort: connection.stream.localPort ?? NaN }
}
