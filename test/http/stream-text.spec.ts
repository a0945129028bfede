import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { streamText } from '../../src/http/index.js'

const PIECE = 'x'.repeat(1_000_000)
const PIECES = 50
/** A busy machine may hold up a process for half of it. */
const STANDSTILL_MS = 1_000

/** What became of the text that the last client asked for. */
let given: number
let ended: Promise<string>
let server: Server

async function* pieces(onEnd: () => void): AsyncGenerator<string> {
  try {
    for (given = 0; given < PIECES; given++) yield await Promise.resolve(PIECE)
  } finally {
    onEnd()
  }
}

beforeAll(async () => {
  server = createServer((_, response) => {
    ended = new Promise((resolve) => {
      const sending = streamText(
        response,
        pieces(() => undefined),
        STANDSTILL_MS,
      )
      sending.then(
        () => {
          resolve('all of it was sent')
        },
        () => {
          resolve('cut off')
        },
      )
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
})

const port = () => (server.address() as AddressInfo).port

describe('A long text', () => {
  it('reaches a client that takes its time', async () => {
    const [answer] = (await once(get({ port: port(), host: '127.0.0.1' }), 'response')) as [IncomingMessage]
    const begun = Date.now()
    let taken = 0
    for await (const piece of answer as AsyncIterable<Buffer>) {
      taken += piece.length
      // Slow all in all, but never at a standstill.
      await delay((3 * STANDSTILL_MS * piece.length) / (PIECES * PIECE.length))
    }
    expect(taken).toBe(PIECES * PIECE.length)
    expect(Date.now() - begun).toBeGreaterThan(2 * STANDSTILL_MS)
    expect(await ended).toBe('all of it was sent')
  })

  it('is not kept for a client that takes nothing', async () => {
    const socket = connect(port(), '127.0.0.1')
    await once(socket, 'connect')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    socket.pause()
    await once(server, 'request')
    expect(await ended).toBe('cut off')
    expect(given).toBeLessThan(PIECES)
    socket.destroy()
  })
})
