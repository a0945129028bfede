import { CAUSED_EVENTS } from '../support/caused-events.js'
import { type CallOptions, eventually, Rollcall } from '../support/rollcall.js'
import { fileOf } from '../support/multipart.factory.js'
import { send } from '../support/http.js'
import { sendRaw } from '../support/raw-http.js'

const BULK = '/v1/customers/bulk/async'
const METADATA = '/v1/customers/metadata/async'
const CSV = '/v1/customers/importCSV'

let rollcall: Rollcall
let otherApi: string
let keys = 0
const newKey = () => `key-${String(++keys)}`

beforeAll(async () => {
  rollcall = await Rollcall.start({ env: { CORS_ORIGINS: 'https://app.example.com' } })
  otherApi = await rollcall.startAnotherApi()
})
afterAll(() => rollcall.stop())

interface Id {
  async_action_id: string
}

const post = (key: string, body: unknown, { headers, ...options }: CallOptions & { path?: string } = {}) =>
  rollcall.call<Id>('POST', options.path ?? BULK, {
    ...options,
    body,
    headers: { 'idempotency-key': key, ...headers },
  })

/** The three endpoints, each with a request and one that says the same in other bytes. */
const ENDPOINTS: [string, () => CallOptions, () => CallOptions][] = [
  [BULK, () => ({ body: '[{"source_id":"b"}]' }), () => ({ body: '[{"source_id": "b"}]' })],
  [
    METADATA,
    () => ({ body: '{"source_ids":["m"],"metadata":{"a":1}}' }),
    () => ({ body: '{"metadata":{"a":1},"source_ids":["m"]}' }),
  ],
  [CSV, () => fileOf('Source_id,Name\nc,C\n'), () => fileOf('Source_id,Name\r\nc,C\r\n')],
]

describe.each(ENDPOINTS)('Idempotency-Key at POST %s', (path, request, sameInOtherBytes) => {
  const sendUnder = (key: string, { body, headers }: CallOptions) =>
    post(key, body, { path, headers: headers ?? {} })

  it('answers a repeated request as the first, says so, and has it done once', async () => {
    const key = newKey()
    const first = await sendUnder(key, request())
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([202, null])
    const again = await sendUnder(key, request())
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true'])
    expect(again.body).toEqual(first.body)
    await rollcall.finished(first.body.async_action_id)
    expect((await sendUnder(key, request())).body).toEqual(first.body)
    expect(await actionsUnder(first.headers)).toBe(1)
    expect(await actionsUnder(again.headers)).toBe(0)
  })

  it('refuses other bytes under the key with 422, though they may mean the same', async () => {
    const key = newKey()
    await sendUnder(key, request())
    const refused = await sendUnder(key, sameInOtherBytes())
    expect(refused.status).toBe(422)
    expect(refused.body).toMatchObject({ code: 422, key: 'idempotency_key_reused' })
    expect(await actionsUnder(refused.headers)).toBe(0)
  })

  it('is documented, with its answers', async () => {
    interface Operation {
      parameters: { name: string; in: string; required: boolean }[]
      responses: Record<string, { headers?: object } | undefined>
    }
    const { body } = await rollcall.call<{ paths: Record<string, { post: Operation }> }>(
      'GET',
      '/openapi.json',
    )
    const { parameters, responses } = body.paths[path]?.post ?? { parameters: [], responses: {} }
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: 'Idempotency-Key', in: 'header', required: false }),
    )
    expect(Object.keys(responses[202]?.headers ?? {})).toEqual(['Idempotent-Replayed'])
    expect(Object.keys(responses[409]?.headers ?? {})).toEqual(['Retry-After'])
    expect(responses).toHaveProperty('422')
  })
})

/** How many actions a request made. */
async function actionsUnder(headers: Headers): Promise<number> {
  const rows = await rollcall.query('SELECT FROM async_actions WHERE request_id = $1', [
    headers.get('x-voucherify-request-id'),
  ])
  return rows.length
}

describe('Idempotency-Key', () => {
  it('is taken in the quotes of structured fields, too: they are no part of it', async () => {
    const key = newKey()
    const first = await post(key, [{ source_id: 'quoted' }])
    const again = await post(`"${key}"`, [{ source_id: 'quoted' }])
    expect([again.headers.get('idempotent-replayed'), again.body]).toEqual(['true', first.body])
  })

  it('names a request for one endpoint: at another it is refused', async () => {
    const key = newKey()
    await post(key, { source_ids: ['x'], metadata: {} }, { path: METADATA })
    expect((await post(key, [{ source_id: 'x' }])).status).toBe(422)
  })

  it('is each project’s own', async () => {
    const key = newKey()
    const other = await rollcall.projects.create('other')
    const [first, second] = [await post(key, []), await post(key, [], { keys: other })]
    expect(second.status).toBe(202)
    expect(second.headers.get('idempotent-replayed')).toBeNull()
    expect(second.body).not.toEqual(first.body)
  })

  it('is free for a corrected request after a refusal', async () => {
    const key = newKey()
    expect((await post(key, '[{}]')).status).toBe(400)
    expect((await post(key, '[]', { headers: { 'content-type': 'text/csv' } })).status).toBe(415)
    expect((await post(key, new Uint8Array(10_485_761))).status).toBe(413)
    const corrected = await post(key, [])
    expect([corrected.status, corrected.headers.get('idempotent-replayed')]).toEqual([202, null])
  })

  it.each([
    ['empty', ''],
    ['empty in quotes', '""'],
    ['too long', 'k'.repeat(256)],
    ['not ASCII', 'schlüssel'],
    ['two in one', 'a, b'],
    ['an open quote', '"abc'],
    ['a quote in quotes', '"a"b"'],
  ])('is refused when it is %s, whatever the body', async (_, key) => {
    const { status, body } = await post(key, 'whatever')
    expect([status, body]).toEqual([400, expect.objectContaining({ key: 'invalid_idempotency_key' })])
  })

  it('is refused when it is given twice', async () => {
    const { appId, appToken } = rollcall.keys
    const lines = [
      `POST ${BULK} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      `X-App-Id: ${appId}`,
      `X-App-Token: ${appToken}`,
      'Content-Type: application/json',
      'Content-Length: 2',
      'Idempotency-Key: a',
      'Idempotency-Key: a',
    ]
    const { status, body } = await sendRaw(rollcall.base, lines, '[]')
    expect([status, body]).toEqual([400, expect.stringContaining('invalid_idempotency_key')])
  })

  it.each([
    ['of 255 characters', (key: string) => key.padEnd(255, 'x')],
    ['of any visible ASCII', (key: string) => `${key}!#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~"`],
  ])('is taken %s', async (_, keyOf) => {
    const key = keyOf(newKey())
    const { body } = await post(key, [])
    const again = await post(key, [])
    expect([again.headers.get('idempotent-replayed'), again.body]).toEqual(['true', body])
  })

  it('counts nothing around the file of a form', async () => {
    const key = newKey()
    const [one, other] = [fileOf('Source_id\nf\n'), fileOf('Source_id\nf\n')]
    expect(one.body).not.toEqual(other.body)
    const first = await post(key, one.body, { path: CSV, headers: one.headers })
    const again = await post(key, other.body, { path: CSV, headers: other.headers })
    expect([again.headers.get('idempotent-replayed'), again.body]).toEqual(['true', first.body])
  })

  it('has an answer that scripts of allowed origins may read', async () => {
    const { headers } = await post(newKey(), [], { headers: { origin: 'https://app.example.com' } })
    expect(headers.get('access-control-expose-headers')).toContain('Idempotent-Replayed')
  })

  it('does nothing without being sent: the same request twice is two actions', async () => {
    const [one, other] = [await rollcall.bulk([]), await rollcall.bulk([])]
    expect(one).not.toBe(other)
  })
})

describe('Twenty clients with one key at two APIs', () => {
  it('get one action, whose rows are applied once; the rest is told to come again, and then gets it too', async () => {
    const key = newKey()
    const customers = Array.from({ length: 5_000 }, (_, n) => ({ source_id: `once-${String(n)}` }))
    const body = JSON.stringify(customers)
    const ask = (client: number) =>
      send<Id>(client % 2 ? otherApi : rollcall.base, 'POST', BULK, {
        keys: rollcall.keys,
        headers: { 'idempotency-key': key },
        body,
      })
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, client) =>
        eventually(`client ${String(client)} is answered`, async () => {
          const { status, headers, body } = await ask(client)
          if (status === 202) return body.async_action_id
          expect([status, headers.get('retry-after')]).toEqual([409, '1'])
          return undefined
        }),
      ),
    )
    expect(new Set(ids).size).toBe(1)
    const action = await rollcall.finished(ids[0] ?? '')
    expect((await rollcall.report(action)).every(({ found }) => found === 'false')).toBe(true)
    expect(
      await rollcall.query(
        `SELECT FROM ${CAUSED_EVENTS} e WHERE type = 'CustomerUpserted' AND causation_id = $1`,
        [ids[0]],
      ),
    ).toHaveLength(5_000)
    expect(await rollcall.query('SELECT DISTINCT id FROM async_actions WHERE row_count = 5000')).toHaveLength(
      1,
    )
  })
})

describe('A replay after an erasure', () => {
  it('brings nobody back, and no table holds the key or the person', async () => {
    const key = 'erased-person@example.com'
    const body = [{ source_id: 'erased-person@example.com', name: 'Erased' }]
    const first = await post(key, body)
    await rollcall.finished(first.body.async_action_id)
    const path = `/v1/customers/${encodeURIComponent(key)}`
    expect((await rollcall.call('POST', `${path}/permanent-deletion`)).status).toBe(200)
    const again = await post(key, body)
    expect([again.headers.get('idempotent-replayed'), again.body]).toEqual(['true', first.body])
    expect((await rollcall.call('GET', path)).status).toBe(404)
    const kept = await rollcall.query<{ line: string }>('SELECT k::text AS line FROM idempotency_keys k')
    expect(
      kept.filter(({ line }) => /erased/i.test(line) || line.includes(Buffer.from(key).toString('hex'))),
    ).toEqual([])
  })
})
