import { expectInvariants } from '../support/invariants.js'
import { Rollcall } from '../support/rollcall.js'

interface Customer extends Record<string, unknown> {
  id: string
  source_id?: string
  created_at: string
  updated_at?: string
}

let rollcall: Rollcall
let used = 0
const newSourceId = (): string => `customer ${String(++used)}/ä%2F`
const pathOf = (id: string): string => `/v1/customers/${encodeURIComponent(id)}`

beforeAll(async () => {
  rollcall = await Rollcall.start()
})
afterAll(() => rollcall.stop())

const post = (body: unknown) => rollcall.call<Customer>('POST', '/v1/customers', { body })
const get = (id: string) => rollcall.call<Customer>('GET', pathOf(id))
const put = (id: string, body: unknown) => rollcall.call<Customer>('PUT', pathOf(id), { body })
const remove = (id: string) => rollcall.call('DELETE', pathOf(id))

const ADA = {
  name: 'Ada',
  email: 'ada@example.com',
  birthdate: '1815-12-10',
  address: { city: 'London', country: null },
  metadata: { lang: 'en', test: null },
}

const WRONG_BODIES: [string, unknown, string][] = [
  ['nothing', '', 'Payload should be an object, but the body is empty'],
  ['broken JSON', '{\n"name":"ä",}', 'Payload is not valid JSON at byte 14 (line 2, column 12)'],
  ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'Payload is not valid UTF-8'],
  ['an array', [], 'Payload should be an object'],
  ['null', 'null', 'Payload should be an object'],
  ['a name that is a number', { name: 5 }, 'Property .name must be string,null'],
  ['a day that is not', { birthdate: '2023-02-30' }, 'Property .birthdate must be a calendar date'],
  ['an address that is a text', { address: 'x' }, 'Property .address must be object,null'],
  [
    'forbidden metadata',
    '{"metadata":{"__proto__":1}}',
    'Property .metadata must not have the key __proto__',
  ],
  ['a name with NUL', { name: 'a\0' }, 'Property .name must not contain the character U+0000'],
]

describe('POST /v1/customers', () => {
  it('creates a customer and answers 200 with all of it', async () => {
    const sourceId = newSourceId()
    const { status, body } = await post({ source_id: sourceId, ...ADA })
    expect(status).toBe(200)
    expect(body).toMatchObject({ object: 'customer', source_id: sourceId, ...ADA })
    expect(body.id).toMatch(/^cust_[0-9A-Za-z]{24}$/)
    expect(body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    expect(body).not.toHaveProperty('updated_at')
    expect((await get(sourceId)).body).toEqual(body)
  })

  it('changes the customer that has the source_id, and leaves alone what is absent', async () => {
    const sourceId = newSourceId()
    const created = (await post({ source_id: sourceId, ...ADA })).body
    const { body } = await post({ source_id: sourceId, name: null, metadata: { lang: 'pl' } })
    expect(body).toMatchObject({ id: created.id, email: ADA.email, metadata: { lang: 'pl', test: null } })
    expect(body).not.toHaveProperty('name')
    expect(body.updated_at).toMatch(/\.\d{6}Z$/)
  })

  it('changes the customer that has the id, and ignores a source_id beside it', async () => {
    const created = (await post({ source_id: newSourceId(), name: 'Ada' })).body
    const { body } = await post({ id: created.id, source_id: 'another', name: 'Grace' })
    expect(body).toMatchObject({ id: created.id, source_id: created.source_id, name: 'Grace' })
    expect((await get('another')).status).toBe(404)
  })

  it('answers 404 to an id that no customer has', async () => {
    const { status, body } = await post({ id: 'cust_nobody', source_id: newSourceId() })
    expect(status).toBe(404)
    expect(body).toMatchObject({ key: 'not_found', resource_id: 'cust_nobody', resource_type: 'customer' })
  })

  it('makes an anonymous customer of {}, another one each time', async () => {
    const [one, other] = [(await post({})).body, (await post({})).body]
    expect(one).not.toHaveProperty('source_id')
    expect(one.id).not.toBe(other.id)
    expect((await get(one.id)).body).toEqual(one)
    expect((await put(one.id, { name: 'Someone' })).body).toMatchObject({ id: one.id, name: 'Someone' })
  })

  it('leaves no event and no updated_at when nothing is different', async () => {
    const sourceId = newSourceId()
    const created = (await post({ source_id: sourceId, ...ADA })).body
    expect((await post({ source_id: sourceId, ...ADA })).body).toEqual(created)
    const events = await rollcall.query('SELECT FROM events WHERE stream_id = $1', [created.id])
    expect(events).toHaveLength(1)
  })

  it.each([
    ...WRONG_BODIES,
    ['an empty source_id', { source_id: '' }, 'Property .source_id must not be empty'],
    ['a source_id that is a number', { source_id: 1 }, 'Property .source_id must be string,null'],
    [
      'a source_id that is too long',
      { source_id: 'x'.repeat(256) },
      'Property .source_id must not be longer',
    ],
    ['an id that is a number', { id: 1 }, 'Property .id must be string,null'],
  ])('answers 400 to %s, and creates nobody', async (_, body, details) => {
    const before = await rollcall.query('SELECT FROM customers')
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.body['details']).toMatch(details)
    expect(await rollcall.query('SELECT FROM customers')).toHaveLength(before.length)
  })

  it('answers 413 to more than 2 MB, and 415 to what is not JSON', async () => {
    expect((await post(' '.repeat(2_097_153))).status).toBe(413)
    const headers = { 'content-type': 'text/plain' }
    expect((await rollcall.call('POST', '/v1/customers', { body: '{}', headers })).status).toBe(415)
  })
})

describe('PUT /v1/customers/{customerId}', () => {
  it('changes what the body names, whichever id the path has, and ignores ids in the body', async () => {
    const { id, source_id: sourceId = '' } = (await post({ source_id: newSourceId(), ...ADA })).body
    const body = { source_id: 'ignored', id: 'ignored', object: 'x', name: 'Grace', address: { city: null } }
    const bySource = await put(sourceId, body)
    expect(bySource.status).toBe(200)
    expect(bySource.body).toMatchObject({ id, source_id: sourceId, name: 'Grace', email: ADA.email })
    expect(bySource.body['address']).toEqual({ city: null, country: null })
    expect((await put(id, { phone: '1' })).body).toMatchObject({ id, name: 'Grace', phone: '1' })
  })

  it('creates nobody: an unknown customer is 404', async () => {
    const { status, body } = await put('nobody', { name: 'x' })
    expect(status).toBe(404)
    expect(body).toMatchObject({ details: 'Cannot find customer with id nobody', resource_id: 'nobody' })
  })

  it('answers 404 for a customer of another project, as for none', async () => {
    const other = await rollcall.projects.create('other')
    const { id } = (await post({ source_id: newSourceId() })).body
    const foreign = await rollcall.call('PUT', pathOf(id), { keys: other, body: { name: 'x' } })
    expect(foreign.status).toBe(404)
    expect((await rollcall.call('DELETE', pathOf(id), { keys: other })).status).toBe(404)
    expect((await get(id)).body).not.toHaveProperty('name')
  })

  it.each(WRONG_BODIES)('answers 400 to %s, and changes nothing', async (_, body, details) => {
    const customer = (await post({ source_id: newSourceId(), ...ADA })).body
    const answer = await put(customer.id, body)
    expect(answer.status).toBe(400)
    expect(answer.body['details']).toMatch(details)
    expect((await get(customer.id)).body).toEqual(customer)
  })

  it('answers 400 when the metadata would come to too much', async () => {
    const keys = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 600 }, (_, n) => [`${prefix}${String(n)}`, n]))
    const { id } = (await post({ metadata: keys('a') })).body
    const { status, body } = await put(id, { metadata: keys('b') })
    expect(status).toBe(400)
    expect(body).toMatchObject({ key: 'metadata_validation_failed' })
  })
})

describe('DELETE /v1/customers/{customerId}', () => {
  it('answers 204, and the customer is gone under either id', async () => {
    const { id, source_id: sourceId = '' } = (await post({ source_id: newSourceId() })).body
    const answer = await remove(sourceId)
    expect([answer.status, answer.text]).toEqual([204, ''])
    for (const name of [id, sourceId]) {
      expect((await get(name)).status).toBe(404)
      expect((await put(name, {})).status).toBe(404)
      expect((await remove(name)).status).toBe(404)
    }
  })

  it('frees the source_id: who comes with it later is a new customer, found false', async () => {
    const sourceId = newSourceId()
    const { id } = (await post({ source_id: sourceId, ...ADA })).body
    await remove(id)
    const action = await rollcall.finished(await rollcall.bulk([{ source_id: sourceId }]))
    expect(await rollcall.report(action)).toMatchObject([{ found: 'false', updated: 'true' }])
    const again = (await get(sourceId)).body
    expect(again.id).not.toBe(id)
    expect(again).not.toHaveProperty('name')
  })

  it('keeps the history, with the deletion as its last event', async () => {
    const { id } = (await post({ source_id: newSourceId() })).body
    await remove(id)
    const events = await rollcall.query('SELECT type FROM events WHERE stream_id = $1 ORDER BY version', [id])
    expect(events).toEqual([{ type: 'CustomerUpserted' }, { type: 'CustomerDeleted' }])
  })
})

describe('Single writes beside bulk requests', () => {
  /** Writes until told to stop; every answer must be one that the contract knows. */
  async function hammer(sourceIds: string[], running: () => boolean): Promise<number> {
    let written = 0
    for (let turn = 0; running(); turn++) {
      const sourceId = sourceIds[(turn * 7) % sourceIds.length] ?? ''
      const answers = [
        await put(sourceId, { metadata: { single: turn } }),
        ...(turn % 5 === 0 ? [await remove(sourceId)] : []),
        ...(turn % 5 === 2 ? [await post({ source_id: sourceId, name: `single ${String(turn)}` })] : []),
      ]
      for (const { status } of answers) expect([200, 204, 404]).toContain(status)
      written += answers.length
    }
    return written
  }

  it('lose nothing and double nothing, and the bulk requests come to their end', async () => {
    const sourceIds = Array.from({ length: 3_000 }, (_, n) => `shared ${String(n)}`)
    const rows = (name: string) =>
      sourceIds.map((source_id) => ({ source_id, name, metadata: { bulk: name } }))
    const ids: string[] = []
    for (const name of ['one', 'two', 'three', 'four']) ids.push(await rollcall.bulk(rows(name)))
    let running = true
    const hammers = [0, 1, 2].map((n) => hammer(sourceIds.slice(n * 10), () => running))
    for (const id of ids) {
      const action = await rollcall.finished(id)
      expect(action).toMatchObject({ status: 'DONE', result: { done_count: 3_000, failed_count: 0 } })
    }
    running = false
    expect(Math.min(...(await Promise.all(hammers)))).toBeGreaterThan(0)
    await expectInvariants(rollcall)
    const [{ customers } = { customers: 0 }] = await rollcall.query<{ customers: number }>(
      'SELECT customers::int FROM customer_counters WHERE project_id = $1',
      [rollcall.keys.projectId],
    )
    const present = await rollcall.query('SELECT FROM customers WHERE project_id = $1', [
      rollcall.keys.projectId,
    ])
    expect(customers).toBe(present.length)
  }, 120_000)

  it('of one customer at the same time all take effect, one after the other', async () => {
    const { id } = (await post({ source_id: newSourceId() })).body
    const writes = Array.from({ length: 20 }, (_, n) => put(id, { metadata: { [`k${String(n)}`]: n } }))
    for (const { status } of await Promise.all(writes)) expect(status).toBe(200)
    expect(Object.keys((await get(id)).body['metadata'] as object)).toHaveLength(20)
  })

  it('that create the same customer at the same time create one', async () => {
    const sourceId = newSourceId()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => post({ source_id: sourceId, metadata: { [n]: n } })),
    )
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(Object.keys((await get(sourceId)).body['metadata'] as object)).toHaveLength(10)
  })
})
