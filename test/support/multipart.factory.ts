import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { once } from 'node:events'

export interface Part {
  readonly name?: string
  readonly filename?: string
  readonly type?: string
  /** Further header lines. */
  readonly headers?: string[]
  readonly content: string | Uint8Array
}

export interface Form {
  readonly body: Uint8Array
  readonly headers: Record<string, string>
}

/** A multipart form, byte for byte. */
export function formOf(parts: Part[], boundary: string = randomUUID()): Form {
  const pieces = parts.flatMap(({ name, filename, type, headers = [], content }) => [
    Buffer.from(
      [
        `--${boundary}`,
        ...(name === undefined
          ? []
          : [
              `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`,
            ]),
        ...(type === undefined ? [] : [`Content-Type: ${type}`]),
        ...headers,
        '\r\n',
      ].join('\r\n'),
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ])
  return {
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}

/** The form that clients send for a CSV file. */
export const fileOf = (content: string | Uint8Array): Form =>
  formOf([{ name: 'file', filename: 'customers.csv', type: 'text/csv', content }])

/** Sends bytes as they are and gives back what comes until the connection is closed. */
export async function sendRaw(base: string, bytes: string | Uint8Array): Promise<string> {
  const { hostname, port } = new URL(base)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(bytes)
  const pieces: Buffer[] = []
  for await (const piece of socket) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

/** Sends bytes and goes away as soon as they are written. */
export async function sendAndLeave(base: string, bytes: Uint8Array): Promise<void> {
  const { hostname, port } = new URL(base)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  await new Promise<void>((resolve) => {
    socket.write(bytes, () => {
      resolve()
    })
  })
  socket.resetAndDestroy()
  await once(socket, 'close')
}
