import { setTimeout as delay } from 'node:timers/promises'
import { assert, has, isRejected } from './expect.js'
import { Section } from './row.js'

/** What the wire looks like from official clients, and what each of their habits asks of a server. */
const section = new Section('C')

section.official(
  '1. the client sends content-type json on a bodyless GET and DELETE, and gets its answers',
  async (c) => {
    const source_id = c.id()
    await c.put({ source_id })
    const read = await c.onTheWire(() => c.client.customers.get(source_id))
    const removed = await c.onTheWire(() => c.client.customers.delete(source_id))
    for (const { headers } of [read, removed])
      assert.match(String(headers['content-type']), /^application\/json/)
    assert.deepEqual([read.status, removed.status], [200, 204])
  },
)

section.official('2. the client sends %2F within an id, and the server does not split there', async (c) => {
  const source_id = `${c.id()}@b.c/x y`
  await c.put({ source_id })
  const { path, status } = await c.onTheWire(() => c.client.customers.get(source_id))
  assert.match(path, /%40b\.c%2Fx%20y$/)
  assert.equal(status, 200)
})

section.official(
  '3. status, operation_status and object have no values but the documented ones',
  async (c) => {
    await c.bulk([{ source_id: c.id(), name: 5 }])
    const { async_actions } = await c.client.asyncActions.list({ limit: 100 })
    for (const action of async_actions as unknown as Record<string, string>[]) {
      assert.ok(['ENQUEUED', 'IN_PROGRESS', 'DONE', 'FAILED'].includes(action['status'] ?? ''))
      assert.ok(['SUCCESS', 'FAILED', 'UNKNOWN'].includes(action['operation_status'] ?? ''))
      assert.equal(action['object'], 'async_action')
    }
  },
)

section.official('4. the 202 is JSON with content-type application/json', async (c) => {
  const answer = await c.call('POST', '/v1/customers/bulk/async', { body: [] })
  assert.equal(answer.status, 202)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
})

section.official('5. absent and null are told apart', async (c) => {
  const source_id = c.id()
  await c.put({ source_id, name: 'Kept', email: 'cleared@example.com' })
  const customer = await c.put({ source_id, email: null })
  assert.deepEqual([customer['name'], 'email' in customer], ['Kept', false])
})

section.official('6. unknown keys of a row, of an address and of a PUT are ignored', async (c) => {
  const source_id = c.id()
  const customer = await c.put({ source_id, unknown: 1, address: { city: 'Rome', line1: null } })
  assert.deepEqual(customer.address, { city: 'Rome' })
  const body = { name: 'New', unknown: 1, address: { line1: 'X' }, source_id: 'other' }
  const answer = await c.call('PUT', `/v1/customers/${source_id}`, { body })
  assert.equal(answer.status, 200)
  has(answer.body, { name: 'New', source_id, address: { city: 'Rome' } })
})

section.official('7. of a birthdate that comes as a date-time the date is stored', async (c) => {
  const created = await c.create({ source_id: c.id(), birthdate: '2020-02-03T00:00:00.000Z' })
  assert.equal(created['birthdate'], '2020-02-03')
})

section.official(
  '8. the client reads rate limits from successful answers',
  async (c) => {
    await c.client.asyncActions.list({ limit: 1 })
    assert.ok(c.client.apiLimitsHandler.getRateLimit() > 0)
    assert.equal(c.client.apiLimitsHandler.getRetryAfter(), 0)
  },
  'rate limits',
)

for (const type of ['text/csv', 'application/octet-stream', 'application/vnd.ms-excel', 'text/plain']) {
  section.official(`9. a multipart part is read whatever its type says: ${type}`, async (c) => {
    const id = c.id()
    await c.ended(await c.startCsv(`Source_id,Name\n${id},Ada\n`, { type }))
    assert.equal((await c.customer(id))['name'], 'Ada')
  })
}

section.official(
  '10. a poller that waits for DONE and for nothing else comes to an end when rows fail',
  async (c) => {
    const id = await c.startBulk(c.newIds(3).map((source_id) => ({ source_id, name: 5 })))
    const deadline = Date.now() + 30_000
    while ((await c.action(id)).status !== 'DONE') {
      assert.ok(Date.now() < deadline, 'it did not come to DONE')
      await delay(20)
    }
  },
)

section.official('the client sends nulls of a bulk update as they are', async (c) => {
  const source_id = c.id()
  await c.put({ source_id, name: 'X', address: { city: 'Y' } })
  const { async_action_id } = await c.client.customers.updateInBulk([
    { source_id, name: null, address: null },
  ])
  await c.ended(async_action_id)
  const customer = await c.customer(source_id)
  assert.deepEqual(['name' in customer, customer.address], [false, null])
})

section.official('a date-time in a query of the client arrives percent-encoded', async (c) => {
  const end_date = '2200-01-01T00:00:00Z'
  const { path, status } = await c.onTheWire(() => c.client.asyncActions.list({ limit: 2, end_date }))
  assert.match(path, /\?limit=2&end_date=2200-01-01T00%3A00%3A00Z$/)
  assert.equal(status, 200)
})

section.official('a deletion resolves to an empty text in the client', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  await c.client.customers.delete(source_id).then((resolved: unknown) => {
    assert.equal(resolved, '')
  })
})

section.official('the 413 in the client has a message, and neither code nor key', async (c) => {
  const name = 'x'.repeat(11_000_000)
  await isRejected(c.client.customers.updateInBulk([{ source_id: c.id(), name }]), {
    code: undefined,
    key: undefined,
    message: 'Payload content length greater than maximum allowed: 10485760',
  })
})

export const CLIENT_CHECKLIST = section.rows
