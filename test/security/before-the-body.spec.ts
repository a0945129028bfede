import { connect } from 'node:net'
import { once } from 'node:events'
import { Rollcall } from '../support/rollcall.js'
import { CLIENT_ROUTES, FORM_TYPE, PROJECT_ROUTES } from './access-table.js'

let rollcall: Rollcall

beforeAll(async () => {
  rollcall = await Rollcall.start({ workers: 0 })
})
afterAll(() => rollcall.stop())

const WITH_BODY = [
  ...PROJECT_ROUTES.flatMap(({ route, takes }) => (takes === undefined ? [] : [[route, takes] as const])),
  ...CLIENT_ROUTES.map((route) => [route, FORM_TYPE] as const),
]
const CREDENTIALS: [string, string[]][] = [
  ['none', []],
  ['wrong keys', ['X-App-Id: nobody', 'X-App-Token: nothing']],
  ['half of the keys', ['X-App-Id: nobody']],
  ['an unknown token', [`Authorization: Bearer ${'x'.repeat(50)}`]],
  ['a token in HTTP Basic', ['Authorization: Basic bm9ib2R5Om5vdGhpbmc=']],
]
const ANNOUNCED: [string, string[]][] = [
  ['10 MB announced', ['Content-Length: 10000000']],
  ['10 MB offered', ['Content-Length: 10000000', 'Expect: 100-continue']],
  ['a body without end begun', ['Transfer-Encoding: chunked']],
]

/** Sends a head, and no byte of the body that it announces; the head of the answer to it. */
async function hear(route: string, lines: readonly string[]): Promise<string> {
  const [method = '', path = ''] = route.replace('{customerId}', 'someone').split(' ')
  const { hostname, port } = new URL(rollcall.base)
  const socket = connect(Number(port), hostname)
  socket.write([`${method} ${path} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n'))
  try {
    const [first] = (await once(socket, 'data')) as [Buffer]
    return first.toString('latin1').split('\r\n\r\n', 1)[0] ?? ''
  } finally {
    socket.destroy()
  }
}

describe.each(WITH_BODY)('%s', (route, type) => {
  it.each(
    CREDENTIALS.flatMap(([who, by]) => ANNOUNCED.map(([what, lines]) => [who, what, by, lines] as const)),
  )('with %s, and %s, is refused before a byte of the body was sent', async (_, __, by, lines) => {
    expect(await hear(route, [`Content-Type: ${type}`, ...by, ...lines])).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('with the right keys is heard out, so that the above means something', async () => {
    const { appId, appToken } = rollcall.keys
    const keys = [`X-App-Id: ${appId}`, `X-App-Token: ${appToken}`]
    const asking = ['Content-Length: 2', 'Expect: 100-continue']
    expect(await hear(route, [`Content-Type: ${type}`, ...keys, ...asking])).toBe('HTTP/1.1 100 Continue')
  })
})
