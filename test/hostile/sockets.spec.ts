import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { sendRaw } from '../support/raw-http.js'
import { eventually } from '../support/rollcall.js'
import { BULK, LARGEST_BODY, Stage } from './stage.js'

let stage: Stage

beforeAll(async () => {
  // Two of the largest bodies at a time; the others wait in line.
  stage = await Stage.start({ UPLOAD_MEMORY_BYTES: String(2 * LARGEST_BODY), MAX_OPEN_ACTIONS: '10' })
})
afterAll(() => stage.stop())

const credentials = () => [
  `X-App-Id: ${stage.rollcall.keys.appId}`,
  `X-App-Token: ${stage.rollcall.keys.appToken}`,
]
const getting = (path: string, ...headers: string[]) => [
  ...[`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close'],
  ...credentials(),
  ...headers,
]

async function openSocket(): Promise<Socket> {
  const { hostname, port } = new URL(stage.rollcall.base)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

const head = (length: number) =>
  [
    ...[`POST ${BULK} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', `Content-Length: ${length}`],
    ...credentials(),
  ].join('\r\n') + '\r\n\r\n'

it('B28 A body that comes byte by byte is not waited for: 408', async () => {
  const before = await stage.contents()
  const socket = await openSocket()
  socket.write(head(1_000_000))
  const dripping = setInterval(() => socket.write(' '), 500)
  const answer = await text(socket)
  clearInterval(dripping)
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  await stage.expectUnchanged(before)
})

it('B28 Headers that never end are not waited for: 408', async () => {
  const before = await stage.contents()
  const socket = await openSocket()
  socket.write(`POST ${BULK} HTTP/1.1\r\nHost: x\r\nX-Slow: `)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /)
  await stage.expectUnchanged(before)
})

it('B29 Forty requests at once are accepted, or told when to come again, and others are served', async () => {
  const body = `[${' '.repeat(200_000)}]`
  const posting = Promise.all(Array.from({ length: 40 }, () => stage.post(body)))
  expect((await stage.call('GET', '/v1/async-actions?limit=1')).status).toBe(200)
  for (const { status, headers, body: answer } of await posting) {
    expect([202, 429, 503]).toContain(status)
    if (status === 202) await stage.rollcall.finished(String(answer['async_action_id']))
    else expect(headers.get('retry-after')).toMatch(/^\d+$/)
  }
})

describe('A request', () => {
  it.each<[string, number, () => string[]]>([
    ['with 17 KB of headers', 431, () => getting('/v1/customers', `X-Long: ${'x'.repeat(17_000)}`)],
    [
      'with 200 headers',
      200,
      () => getting('/v1/customers', ...Array.from({ length: 200 }, (_, n) => `X-${n}: 1`)),
    ],
    ['with a line break in a header', 400, () => getting('/v1/customers', 'X-Broken: a\nb')],
    ['with a folded header', 400, () => getting('/v1/customers', 'X-Folded: a', ' b')],
    [
      'with a length and chunks',
      400,
      () => getting('/v1/customers', 'Content-Length: 2', 'Transfer-Encoding: chunked'),
    ],
  ])('B71 %s: %d', async (_, status, lines) => {
    const before = await stage.contents()
    expect((await sendRaw(stage.rollcall.base, lines())).status).toBe(status)
    await stage.expectUnchanged(before)
  })

  it.each<[string, number, RegExp, () => string[]]>([
    ['its host twice', 400, /^The header host may be/, () => getting('/v1/customers', 'Host: y')],
    [
      'no host',
      400,
      /^Send the header host/,
      () => getting('/v1/customers').filter((line) => !line.startsWith('Host')),
    ],
    ['its keys twice', 400, /^The header x-app-id may be/, () => getting('/v1/customers', 'X-App-Id: other')],
    [
      'two tokens',
      400,
      /^The header authorization may be/,
      () => getting('/v1/customers', 'Authorization: Bearer a', 'authorization: Bearer b'),
    ],
    [
      'two types',
      400,
      /^The header content-type may be/,
      () => getting('/v1/customers', 'Content-Type: text/plain', 'Content-Type: application/json'),
    ],
    [
      'a coding that is not understood',
      400,
      /^Of the codings of Transfer-Encoding/,
      () => getting('/v1/customers', 'Transfer-Encoding: gzip, chunked'),
    ],
    [
      'an expectation that nobody has',
      417,
      /^Of all that Expect may ask for/,
      () => getting('/v1/customers', 'Expect: the-unexpected'),
    ],
  ])(
    'B71 with %s: %d, in the words of the API, and the connection ends',
    async (_, status, details, lines) => {
      const before = await stage.contents()
      const answer = await sendRaw(
        stage.rollcall.base,
        lines().filter((line) => !/^Connection/.test(line)),
      )
      expect(answer.status).toBe(status)
      const body = JSON.parse(answer.body) as Record<string, unknown>
      expect(body).toMatchObject({ code: status, details: expect.stringMatching(details) as string })
      expect(body['request_id']).toBe(answer.headers['x-voucherify-request-id'])
      expect(answer.headers['connection']).toBe('close')
      await stage.expectUnchanged(before)
    },
  )

  it('B71 with 3,000 headers loses none of them', async () => {
    const many = Array.from({ length: 3_000 }, () => 'a:')
    const lines = getting('/v1/customers', ...many, 'Host: y')
    expect((await sendRaw(stage.rollcall.base, lines)).status).toBe(400)
  })

  it('B72 that brings an id of its own gets another one', async () => {
    const lines = getting('/v1/customers', `X-Request-Id: ${'i'.repeat(10_000)}`)
    const { status, headers } = await sendRaw(stage.rollcall.base, lines)
    expect(status).toBe(200)
    expect(headers['x-voucherify-request-id']).toMatch(/^v-[0-9a-f]{18}$/)
  })

  it.each([
    ['/v1/customers/%zz', 400],
    ['/v1/customers/%c0%af', 400],
    [`/v1/${'x'.repeat(9_000)}`, 404],
    ['//v1//nothing', 404],
    ['/v1/customers/..%2f..%2fetc', 404],
  ])('B73 for %s: %d', async (path, status) => {
    const before = await stage.contents()
    expect((await sendRaw(stage.rollcall.base, getting(path))).status).toBe(status)
    await stage.expectUnchanged(before)
  })

  it('B74 that breaks off in the middle of its body leaves nothing', async () => {
    const before = await stage.contents()
    const socket = await openSocket()
    socket.write(head(LARGEST_BODY))
    await new Promise((resolve) => socket.write(Buffer.alloc(LARGEST_BODY / 2, ' '), resolve))
    socket.resetAndDestroy()
    await stage.expectUnchanged(before)
  })

  it('B75 whose answer nobody reads keeps no connection to PostgreSQL', async () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => `{"source_id":"unread-${n}-${'x'.repeat(60)}"}`)
    const answer = await stage.post(`[${rows.join()}]`)
    const { result } = await stage.rollcall.finished(String(answer.body['async_action_id']))
    const { pathname, search } = new URL(result?.reports[0] ?? '')
    const socket = await openSocket()
    socket.pause()
    socket.write([`GET ${pathname}${search} HTTP/1.1`, 'Host: x', '', ''].join('\r\n'))
    const busy = `SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'rollcall api%' AND state <> 'idle'`
    await eventually('no connection is held', async () => {
      const held = await stage.rollcall.query(busy)
      return held.length === 0 || undefined
    })
    expect((await stage.call('GET', '/v1/async-actions?limit=1')).status).toBe(200)
    socket.destroy()
  })
})
