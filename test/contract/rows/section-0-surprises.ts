import { type Action } from './context.js'
import { assert, has, isError, lacks } from './expect.js'
import { Section } from './row.js'

const section = new Section('0')

section.official(
  'an action goes through no other statuses than ENQUEUED, IN_PROGRESS, DONE, FAILED',
  async (c) => {
    const seen: Action[] = []
    await c.ended(await c.startBulk(c.newIds(2_000).map((source_id) => ({ source_id }))), seen)
    const order = ['ENQUEUED', 'IN_PROGRESS', 'DONE']
    const places = seen.map(({ status }) => order.indexOf(status))
    assert.ok(!places.includes(-1), seen.map(({ status }) => status).join())
    assert.deepEqual(places, [...places].sort())
  },
)

section.official('operation_status is UNKNOWN until the end, then SUCCESS or FAILED', async (c) => {
  const seen: Action[] = []
  const good = await c.ended(await c.startBulk(c.newIds(2_000).map((source_id) => ({ source_id }))), seen)
  const bad = await c.bulk([{ source_id: c.id(), name: 5 }])
  for (const action of seen.slice(0, -1)) assert.equal(action.operation_status, 'UNKNOWN')
  assert.deepEqual([good.operation_status, bad.operation_status], ['SUCCESS', 'FAILED'])
})

section.official(
  'the result of a bulk update has reports and reports_available_till, no message, no failed',
  async (c) => {
    const { result } = await c.bulk([{ source_id: c.id() }])
    assert.deepEqual(Object.keys(result).sort(), [
      'done_count',
      'errors',
      'failed_count',
      'reports',
      'reports_available_till',
    ])
  },
)

section.official('rows that fail leave the action DONE', async (c) => {
  const action = await c.bulk([{ source_id: c.id(), name: 5 }, { source_id: c.id() }])
  assert.equal(action.status, 'DONE')
})

section.official('the 413 alone has the shape statusCode, error, message', async (c) => {
  const answer = await c.call('POST', '/v1/customers/bulk/async', { body: '[]'.padEnd(10_485_761) })
  assert.equal(answer.status, 413)
  assert.deepEqual(answer.body, {
    statusCode: 413,
    error: 'Request Entity Too Large',
    message: 'Payload content length greater than maximum allowed: 10485760',
  })
})

section.official(
  'a token is taken from Authorization: Bearer, and X-Voucherify-OAuth is no header for it',
  async (c) => {
    const { access_token: token } = await c.token('api')
    assert.equal((await c.withToken(token, 'GET', '/v1/async-actions')).status, 200)
    const headers = { 'x-voucherify-oauth': token }
    isError(await c.call('GET', '/v1/async-actions', { keys: null, headers }), 401)
  },
)

section.official('POST /v1/customers answers 200 when it creates and when it changes', async (c) => {
  const body = { source_id: c.id() }
  const created = await c.call('POST', '/v1/customers', { body })
  const changed = await c.call('POST', '/v1/customers', { body: { ...body, name: 'Known' } })
  assert.deepEqual([created.status, changed.status], [200, 200])
})

section.official('a key set to null stays visible in metadata and in address', async (c) => {
  const source_id = c.id()
  await c.put({ source_id, metadata: { test: 1 }, address: { city: 'Rome' } })
  const customer = await c.put({ source_id, metadata: { test: null }, address: { city: null } })
  has(customer, { metadata: { test: null }, address: { city: null } })
})

section.official('a fresh customer has an address of null and no other attribute', async (c) => {
  const customer = await c.put({ source_id: c.id() })
  assert.equal(customer.address, null)
  lacks(customer, 'name', 'description', 'email', 'phone', 'birthday', 'birthdate', 'metadata', 'updated_at')
})

section.official('content-type json on a GET and on a DELETE without a body does no harm', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  const headers = { 'content-type': 'application/json' }
  assert.equal((await c.call('GET', `/v1/customers/${source_id}`, { headers })).status, 200)
  assert.equal((await c.call('DELETE', `/v1/customers/${source_id}`, { headers })).status, 204)
})

section.official('a token for customers may start a bulk update and may not watch it', async (c) => {
  const { access_token: token } = await c.token('customers')
  const started = await c.withToken<{ async_action_id: string }>(
    token,
    'POST',
    '/v1/customers/bulk/async',
    [],
  )
  assert.equal(started.status, 202)
  const path = `/v1/async-actions/${started.body.async_action_id}`
  isError(await c.withToken(token, 'GET', path), 403)
  const watching = await c.token('async-actions')
  assert.equal((await c.withToken(watching.access_token, 'GET', path)).status, 200)
})

section.official('a birthdate may come as a date-time, and its date is kept', async (c) => {
  const customer = await c.put({ source_id: c.id(), birthdate: '2020-02-03T00:00:00.000Z' })
  assert.equal(customer['birthdate'], '2020-02-03')
})

section.official(
  'rows full of foreign properties, as sync tools send them, are accepted and applied',
  async (c) => {
    const source_id = c.id()
    const traits = {
      plan: 'gold',
      first_name: 'Ada',
      createdAt: 1_700_000_000,
      tags: ['a'],
      company: { id: 7 },
    }
    const action = await c.bulk([{ ...traits, source_id, email: 'ada@example.com' }])
    has(action.result, { done_count: 1, failed_count: 0 })
    const customer = await c.customer(source_id)
    assert.equal(customer['email'], 'ada@example.com')
    lacks(customer, ...Object.keys(traits))
  },
)

section.official('birthday and birthdate are two fields, stored and shown independently', async (c) => {
  const customer = await c.put({ source_id: c.id(), birthday: '2001-01-01', birthdate: '2002-02-02' })
  has(customer, { birthday: '2001-01-01', birthdate: '2002-02-02' })
})

section.ours('the report has the columns source_id, found, updated, key, message, details', async (c) => {
  const action = await c.bulk([{ source_id: c.id() }])
  const { text } = await c.download(action.result.reports[0] ?? '')
  assert.equal(text.split('\r\n')[0], 'source_id,found,updated,key,message,details')
})

export const SURPRISES = section.rows
