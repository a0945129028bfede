import { Agent, request } from 'node:http'

const LINE_FEED = 10

export interface Answer {
  readonly status: number
  readonly text: string
}

/** Calls to one server, whose connections are kept open. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true })

  constructor(
    private readonly baseUrl: string,
    readonly headers: Record<string, string>,
  ) {}

  get(path: string): Promise<Answer> {
    return this.#send('GET', path)
  }

  post(path: string, body: Buffer, type = 'application/json'): Promise<Answer> {
    return this.#send('POST', path, body, type)
  }

  /** Reads an answer as it comes, keeping nothing of it. */
  download(path: string): Promise<{ status: number; bytes: number; lines: number }> {
    return new Promise((resolve, reject) => {
      const options = { headers: this.headers, agent: this.#agent }
      const call = request(new URL(path, this.baseUrl), options, (response) => {
        let [bytes, lines] = [0, 0]
        response.on('data', (piece: Buffer) => {
          bytes += piece.length
          for (let at = piece.indexOf(LINE_FEED); at !== -1; at = piece.indexOf(LINE_FEED, at + 1)) lines++
        })
        response.once('error', reject)
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, bytes, lines })
        })
      })
      call.once('error', reject).end()
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, body?: Buffer, type?: string): Promise<Answer> {
    const headers = {
      ...this.headers,
      ...(body && { 'Content-Type': type, 'Content-Length': body.length }),
    }
    return new Promise((resolve, reject) => {
      const call = request(
        new URL(path, this.baseUrl),
        { method, headers, agent: this.#agent },
        (response) => {
          const pieces: Buffer[] = []
          response.on('data', (piece: Buffer) => pieces.push(piece))
          response.once('error', reject)
          response.once('end', () => {
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() })
          })
        },
      )
      call.once('error', reject).end(body)
    })
  }
}
