import { type Client, type Connection, type Submittable } from 'pg'
import { type Customer } from '../payloads.js'

const PIECE_BYTES = 64 * 1024

/** Customers in COPY's text format, one line each: source_id, version, document. */
export function toCopyText(customers: readonly Customer[]): Buffer {
  const lines = customers.map(
    (customer) => `${escape(customer.source_id)}\t1\t${escape(JSON.stringify(customer))}\n`,
  )
  return Buffer.from(lines.join(''))
}

/** Sends text to a `COPY … FROM STDIN`; resolves when PostgreSQL has committed it. */
export function copyRows(client: Client, statement: string, text: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error): void => {
      if (error) reject(error)
      else resolve()
    }
    client.query(new CopyIn(statement, text, done))
  })
}

const escape = (value: string): string => value.replace(/[\\\t\n\r]/g, (sign) => ESCAPES[sign] ?? sign)

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/** The client's side of COPY, as node-postgres calls whatever is given to `query`. */
class CopyIn implements Submittable {
  constructor(
    private readonly statement: string,
    private readonly text: Buffer,
    private readonly done: (error?: Error) => void,
  ) {}

  submit(connection: Connection): void {
    connection.query(this.statement)
  }

  handleCopyInResponse(connection: CopyConnection): void {
    for (let at = 0; at < this.text.length; at += PIECE_BYTES) {
      connection.sendCopyFromChunk(this.text.subarray(at, at + PIECE_BYTES))
    }
    connection.endCopyFrom()
  }

  handleCommandComplete(): void {
    // The connection is not ready for the next query before one more message.
  }

  handleError(error: Error): void {
    this.done(error)
  }

  handleReadyForQuery(): void {
    this.done()
  }
}

/** Methods of node-postgres' connection that its type declarations leave out. */
interface CopyConnection {
  sendCopyFromChunk(piece: Buffer): void
  endCopyFrom(): void
}
