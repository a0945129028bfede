import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'

/** Nothing that this bench sends may take longer: the least of the times that the API gives a body to arrive. */
export const LONGEST_MS = 10_000

export interface Wire {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly milliseconds: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 })

/** Sends exactly this; rejects when there is no answer, or none in time. */
export function exchange(base: string, { method, path, headers, body }: Wire): Promise<Answer> {
  const began = performance.now()
  const bytes = body === undefined ? undefined : Buffer.from(body)
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base)
    const length = bytes && { 'Content-Length': String(bytes.length) }
    const options = {
      hostname,
      port,
      method,
      path,
      headers: { ...headers, ...length },
      agent,
      timeout: LONGEST_MS,
    }
    const sent = request(options, (response) => {
      text(response).then((received) => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: received,
          milliseconds: performance.now() - began,
        })
      }, reject)
    })
    sent.on('timeout', () => sent.destroy(new Error(`there was no answer within ${LONGEST_MS} ms`)))
    sent.on('error', reject)
    sent.end(bytes)
  })
}

/** As somebody would send it by hand. */
export function toCurl(base: string, { method, path, headers, body }: Wire): string {
  const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
  const heads = Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`)
  const data = body === undefined ? [] : [`--data-binary ${quote(body)}`]
  return ['curl -i -g', `-X ${method}`, ...heads, ...data, quote(base + path)].join(' ')
}
