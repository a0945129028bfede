import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { eventually, Rollcall } from '../support/rollcall.js'

const MOST = 10

describe('Connections beyond MAX_CONNECTIONS', () => {
  let rollcall: Rollcall
  const sockets: Socket[] = []

  beforeAll(async () => {
    rollcall = await Rollcall.start({ workers: 0, env: { MAX_CONNECTIONS: String(MOST) } })
  })
  afterAll(() => rollcall.stop())
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })

  /** An open connection on which nothing is said. */
  async function open(): Promise<Socket> {
    const { hostname, port } = new URL(rollcall.base)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    sockets.push(socket)
    await once(socket, 'connect')
    return socket
  }

  /** The status of a request on an open connection; undefined when it is closed instead. */
  async function ask(socket: Socket): Promise<number | undefined> {
    socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n')
    const answer = await Promise.race([
      once(socket, 'data') as Promise<[Buffer]>,
      once(socket, 'close').then(() => undefined),
    ]).catch(() => undefined) // it was reset
    return answer === undefined ? undefined : Number(answer[0].toString().split(' ')[1])
  }

  const fill = async (): Promise<Socket[]> => {
    const opened: Socket[] = []
    while (opened.length < MOST) {
      const socket = await open()
      if ((await ask(socket)) === 200) opened.push(socket)
    }
    return opened
  }

  it('are closed, and those that are open go on', async () => {
    const opened = await fill()
    expect(await ask(await open())).toBeUndefined()
    expect(await ask(opened[0] as Socket)).toBe(200)
  })

  it('are let in once others have gone', async () => {
    const [first] = await fill()
    first?.destroy()
    await eventually('there is room', async () => (await ask(await open())) === 200 || undefined)
  })
})
