import { assert, has, isError, lacks } from './expect.js'
import { Section } from './row.js'

const PATH = '/v1/customers/bulk/async'
const LIMIT = 10_485_760

const fields = new Section('2.1')

for (const [field, value] of [
  ['name', 'Ada Lovelace'],
  ['description', 'First of her kind'],
  ['email', 'ada@example.com'],
  ['phone', '+1 (132) 222-2222'],
  ['birthday', '1815-12-10'],
  ['birthdate', '1815-12-10'],
] as const) {
  fields.official(`${field} is set, and null clears it, so that it is absent again`, async (c) => {
    const source_id = c.id()
    assert.equal((await c.put({ source_id, [field]: value }))[field], value)
    lacks(await c.put({ source_id, [field]: null }), field)
  })
}

for (const part of ['city', 'state', 'line_1', 'line_2', 'country', 'postal_code']) {
  fields.official(`address.${part} is set, and null stays visible`, async (c) => {
    const source_id = c.id()
    assert.deepEqual((await c.put({ source_id, address: { [part]: 'X' } })).address, { [part]: 'X' })
    assert.deepEqual((await c.put({ source_id, address: { [part]: null } })).address, { [part]: null })
  })
}

fields.official('an address of null clears the whole address', async (c) => {
  const source_id = c.id()
  await c.put({ source_id, address: { city: 'Rome', country: 'IT' } })
  assert.equal((await c.put({ source_id, address: null })).address, null)
})

fields.official('metadata takes any JSON under a key, null too', async (c) => {
  const metadata = {
    text: 'a',
    number: 1.5,
    flag: true,
    none: null,
    list: [1, 'b', null],
    deep: { er: { x: 1 } },
  }
  assert.deepEqual((await c.put({ source_id: c.id(), metadata })).metadata, metadata)
})

fields.ours('metadata of null clears all metadata, which then is absent', async (c) => {
  const source_id = c.id()
  await c.put({ source_id, metadata: { test: 1 } })
  lacks(await c.put({ source_id, metadata: null }), 'metadata')
})

fields.official('other keys of a row are ignored, id among them', async (c) => {
  const source_id = c.id()
  const row = {
    source_id,
    id: 'cust_000000000000000000000000',
    object: 'x',
    created_at: 'never',
    loyalty: { points: 9 },
  }
  const customer = await c.put(row)
  assert.notEqual(customer.id, row.id)
  has(customer['loyalty'] as object, { points: 0 })
})

fields.ours('e-mail, phone and country are free text', async (c) => {
  const row = {
    source_id: c.id(),
    email: 'not an address',
    phone: '+0700',
    address: { country: 'United States' },
  }
  has(await c.put(row), { email: row.email, phone: row.phone, address: row.address })
})

fields.ours(
  'a source_id has up to 255 characters, other texts up to 2,000; longer ones fail the row',
  async (c) => {
    const [long, name] = [c.id().padEnd(255, 'x'), 'n'.repeat(2_000)]
    const action = await c.bulk([
      { source_id: long, name },
      { source_id: `${long}x` },
      { source_id: c.id(), name: `${name}n` },
    ])
    has(action.result, { done_count: 1, failed_count: 2 })
  },
)

const semantics = new Section('2.2')

semantics.official('a known customer is found by source_id only, within the project', async (c) => {
  const source_id = c.id()
  const before = await c.put({ source_id, email: 'same@example.com' })
  const after = await c.put({ source_id, name: 'Known' })
  const other = await c.put({ source_id: c.id(), email: 'same@example.com' })
  assert.equal(after.id, before.id)
  assert.notEqual(other.id, before.id)
})

semantics.official('unknown source_id is created: found=false, updated=true', async (c) => {
  assert.deepEqual(await c.outcomes([{ source_id: c.id() }]), [['false', 'true']])
})

semantics.official('known source_id is changed: found=true, updated=true', async (c) => {
  const source_id = c.id()
  await c.bulk([{ source_id }])
  assert.deepEqual(await c.outcomes([{ source_id, name: 'New' }]), [['true', 'true']])
})

semantics.official('what is absent stays as it was', async (c) => {
  const source_id = c.id()
  const attributes = { name: 'N', email: 'e@example.com', address: { city: 'Rome' }, metadata: { a: 1 } }
  await c.put({ source_id, ...attributes })
  has(await c.put({ source_id, phone: '1' }), attributes)
})

semantics.ours('metadata is merged by top-level key; lists and objects below are replaced', async (c) => {
  const source_id = c.id()
  await c.put({ source_id, metadata: { kept: 1, list: [1, 2], object: { a: 1 } } })
  const { metadata } = await c.put({ source_id, metadata: { list: [3], object: { b: 2 } } })
  assert.deepEqual(metadata, { kept: 1, list: [3], object: { b: 2 } })
})

semantics.ours('address is merged by key, and shows only keys that were ever set', async (c) => {
  const source_id = c.id()
  await c.put({ source_id, address: { city: 'Rome', country: 'IT' } })
  assert.deepEqual((await c.put({ source_id, address: { city: 'Milan' } })).address, {
    city: 'Milan',
    country: 'IT',
  })
})

semantics.ours('source_id is compared exactly: case and blanks count', async (c) => {
  const source_id = c.id('Case')
  const ids = [source_id, source_id.toUpperCase(), ` ${source_id}`, `${source_id} `]
  const outcomes = await c.outcomes(ids.map((id) => ({ source_id: id })))
  assert.deepEqual(
    outcomes,
    ids.map(() => ['false', 'true']),
  )
})

semantics.ours(
  'the same source_id twice: applied in order, the last wins, the second is found',
  async (c) => {
    const source_id = c.id()
    const rows = [
      { source_id, name: 'First' },
      { source_id, name: 'Second' },
    ]
    assert.deepEqual(await c.outcomes(rows), [
      ['false', 'true'],
      ['true', 'true'],
    ])
    assert.equal((await c.customer(source_id))['name'], 'Second')
  },
)

semantics.official('a row that fails does not fail the others', async (c) => {
  const [before, bad, after] = c.newIds(3) as [string, string, string]
  await c.bulk([{ source_id: before }, { source_id: bad, birthdate: 'soon' }, { source_id: after }])
  for (const source_id of [before, after]) assert.equal((await c.customer(source_id)).source_id, source_id)
  isError(await c.call('GET', `/v1/customers/${bad}`), 404)
})

semantics.official('jobs of a project are carried out in the order of acceptance', async (c) => {
  const source_id = c.id()
  const ids: string[] = []
  for (let n = 0; n < 10; n++) ids.push(await c.startBulk([{ source_id, name: `Name ${n}` }]))
  const actions = await Promise.all(ids.map((id) => c.ended(id)))
  const ends = actions.map(({ updated_at }) => updated_at)
  assert.deepEqual(ends, [...ends].sort())
  assert.equal((await c.customer(source_id))['name'], 'Name 9')
})

semantics.official('there is no limit of 100 records', async (c) => {
  const action = await c.bulk(c.newIds(1_000).map((source_id) => ({ source_id })))
  has(action.result, { done_count: 1_000, failed_count: 0 })
})

semantics.ours(
  'the activity log has customer.created and customer.updated, by the request that caused them',
  async (c) => {
    const source_id = c.id()
    const created = await c.bulk([{ source_id }])
    const updated = await c.bulk([{ source_id, name: 'New' }])
    const { data } = await c.client.customers.listActivity(source_id)
    assert.deepEqual(
      data.map(({ type, group_id }) => [type, group_id]),
      [
        ['customer.updated', updated.request_id],
        ['customer.created', created.request_id],
      ],
    )
  },
)

semantics.official('updated_at is set on a change', async (c) => {
  const source_id = c.id()
  const { created_at } = await c.put({ source_id })
  const { updated_at = '' } = await c.put({ source_id, name: 'New' })
  assert.ok(updated_at > created_at)
})

semantics.ours('updated_at stays when nothing changes', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  const { updated_at } = await c.put({ source_id, name: 'Same' })
  assert.equal((await c.put({ source_id, name: 'Same' })).updated_at, updated_at)
})

const responses = new Section('2.3')

responses.official('202 with async_action_id and nothing else', async (c) => {
  const answer = await c.call('POST', PATH, { body: [{ source_id: c.id() }] })
  assert.equal(answer.status, 202)
  assert.deepEqual(Object.keys(answer.body), ['async_action_id'])
})

responses.official('401 without credentials, 403 without the scope', async (c) => {
  isError(await c.call('POST', PATH, { keys: null, body: [] }), 401)
  const { access_token: token } = await c.token('async-actions')
  isError(await c.withToken(token, 'POST', PATH, []), 403)
})

responses.official('413 for more than 10,485,760 bytes', async (c) => {
  const answer = await c.call('POST', PATH, { body: '[]'.padEnd(LIMIT + 1) })
  assert.equal(answer.status, 413)
})

const checks = new Section('2.4')

for (const [what, body] of [
  ['text that is not JSON', 'nonsense'],
  ['an object', '{}'],
  ['a list of something else than objects', '[1]'],
  ['an empty body', ''],
] as const) {
  checks.ours(`${what} is refused at once with 400 invalid_payload`, async (c) => {
    isError(await c.call('POST', PATH, { body }), 400, { key: 'invalid_payload', message: 'Invalid payload' })
  })
}

checks.ours('an empty list is accepted and ends DONE with 0 of 0', async (c) => {
  const action = await c.bulk([])
  has(action, { status: 'DONE', operation_status: 'SUCCESS' })
  has(action.result, { done_count: 0, failed_count: 0, errors: [] })
})

for (const [what, row] of [
  ['without a source_id', { name: 'Nobody' }],
  ['with a source_id of null', { source_id: null }],
  ['with an empty source_id', { source_id: '' }],
] as const) {
  checks.ours(`a row ${what} is refused with 400, and nothing of the request is stored`, async (c) => {
    const source_id = c.id()
    const answer = await c.call('POST', PATH, { body: [{ source_id }, row] })
    isError(answer, 400, { key: 'invalid_payload' })
    assert.match(String(answer.body['details']), /should have required property 'source_id'/)
    isError(await c.call('GET', `/v1/customers/${source_id}`), 404)
  })
}

for (const [what, attributes, key] of [
  ['a wrong type', { name: 5 }, 'invalid_payload'],
  ['an impossible date', { birthdate: '2023-02-30' }, 'invalid_customer'],
  [
    'metadata with a forbidden key',
    { metadata: JSON.parse('{"__proto__":1}') as object },
    'metadata_validation_failed',
  ],
] as const) {
  checks.ours(`${what} fails the row alone, with the key ${key}, in result and report`, async (c) => {
    const source_id = c.id()
    const action = await c.bulk([{ source_id, ...attributes }, { source_id: c.id() }])
    has(action.result, { done_count: 1, failed_count: 1 })
    assert.deepEqual(
      action.result.errors.map((error) => [error.key, error.source_id]),
      [[key, source_id]],
    )
    const [line] = await c.report(action)
    has(line ?? {}, { source_id, updated: 'false', key })
  })
}

checks.official('exactly 10,485,760 bytes are accepted', async (c) => {
  const source_id = c.id()
  const answer = await c.call<{ async_action_id: string }>('POST', PATH, {
    body: JSON.stringify([{ source_id }]).padEnd(LIMIT),
  })
  assert.equal(answer.status, 202)
  has((await c.ended(answer.body.async_action_id)).result, { done_count: 1 })
})

export const BULK_UPDATE = [fields, semantics, responses, checks].flatMap(({ rows }) => rows)
