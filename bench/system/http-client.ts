import { Agent, request } from 'node:http'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** Calls to one server, whose connections are kept open. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true })

  constructor(
    private readonly baseUrl: string,
    private readonly headers: Record<string, string>,
  ) {}

  get(path: string): Promise<Answer> {
    return this.#send('GET', path)
  }

  post(path: string, json: Buffer): Promise<Answer> {
    return this.#send('POST', path, json)
  }

  close(): void {
    this.#agent.destroy()
  }

  #send(method: string, path: string, body?: Buffer): Promise<Answer> {
    const headers = {
      ...this.headers,
      ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length }),
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
