import { type Body, type Context, type Customer, type Page } from './context.js'
import { assert, has, isError, isRejected, lacks, notFound } from './expect.js'
import { Section } from './row.js'

const endpoints = new Section('7.1')

endpoints.official('POST creates a customer and answers with it', async (c) => {
  const source_id = c.id()
  const customer = await c.create({ source_id, name: 'Bob', address: { city: 'Rome' }, metadata: { a: 1 } })
  has(customer, { source_id, name: 'Bob', address: { city: 'Rome' }, metadata: { a: 1 }, object: 'customer' })
  assert.deepEqual(await c.customer(source_id), customer)
})

endpoints.official('POST with a known source_id changes that customer', async (c) => {
  const source_id = c.id()
  const { id } = await c.create({ source_id, name: 'Bob' })
  has(await c.create({ source_id, email: 'b@x.y' }), { id, name: 'Bob', email: 'b@x.y' })
})

endpoints.official('POST with an id changes that customer, and its source_id is ignored', async (c) => {
  const source_id = c.id()
  const { id } = await c.create({ source_id })
  has(await c.create({ id, source_id: c.id('other'), name: 'Bob' }), { id, source_id, name: 'Bob' })
})

endpoints.official('POST {} creates a customer without source_id', async (c) => {
  const customer = await c.create({})
  lacks(customer, 'source_id')
  assert.deepEqual(await c.customer(customer.id), customer)
})

endpoints.ours('POST with an unknown id is 404', async (c) => {
  const id = 'cust_000000000000000000000000'
  isError(await c.call('POST', '/v1/customers', { body: { id } }), 404, notFound('customer', id))
})

endpoints.official('GET takes the id or the source_id, URL-encoded', async (c) => {
  const source_id = `${c.id()}@b.c/x y`
  const { id } = await c.create({ source_id })
  assert.deepEqual([(await c.customer(source_id)).id, (await c.customer(id)).id], [id, id])
})

endpoints.official('GET of an unknown customer is 404', async (c) => {
  await isRejected(c.client.customers.get('nobody/at all'), {
    code: 404,
    ...notFound('customer', 'nobody/at all'),
  })
})

endpoints.official('PUT changes what is sent and keeps the rest', async (c) => {
  const source_id = c.id()
  await c.create({ source_id, name: 'Bob', email: 'b@x.y', metadata: { a: 1 } })
  const answer = await c.call('PUT', `/v1/customers/${source_id}`, { body: { name: 'Rob' } })
  assert.equal(answer.status, 200)
  has(answer.body, { name: 'Rob', email: 'b@x.y', metadata: { a: 1 } })
})

endpoints.official(
  'PUT ignores a source_id in its body, which the official client leaves there',
  async (c) => {
    const source_id = c.id()
    const { id } = await c.create({ source_id })
    has(await c.client.customers.update({ source_id, name: 'Rob' }), { id, source_id, name: 'Rob' })
    has(await c.client.customers.update({ id, source_id: c.id('other'), name: 'Bob' }), { id, source_id })
  },
)

endpoints.official('PUT of an unknown customer is 404 and creates nothing', async (c) => {
  const id = c.id('nobody')
  isError(await c.call('PUT', `/v1/customers/${id}`, { body: { name: 'X' } }), 404, notFound('customer', id))
  isError(await c.call('GET', `/v1/customers/${id}`), 404)
})

endpoints.official('PUT with null clears, and keeps keys of address and metadata visible', async (c) => {
  const source_id = c.id()
  await c.create({ source_id, name: 'Bob', address: { city: 'Rome' }, metadata: { a: 1 } })
  const { body } = await c.call('PUT', `/v1/customers/${source_id}`, {
    body: { name: null, address: { city: null }, metadata: { a: null } },
  })
  lacks(body, 'name')
  has(body, { address: { city: null }, metadata: { a: null } })
})

endpoints.official('DELETE answers 204 with nothing, and the customer is gone', async (c) => {
  const source_id = c.id()
  await c.create({ source_id })
  const answer = await c.call('DELETE', `/v1/customers/${source_id}`)
  assert.deepEqual([answer.status, answer.text], [204, ''])
  isError(await c.call('GET', `/v1/customers/${source_id}`), 404)
})

endpoints.official('DELETE of an unknown customer is 404', async (c) => {
  const id = c.id('nobody')
  isError(await c.call('DELETE', `/v1/customers/${id}`), 404, notFound('customer', id))
})

endpoints.ours('after DELETE the same source_id makes a new customer', async (c) => {
  const source_id = c.id()
  const { id } = await c.create({ source_id, name: 'Gone' })
  await c.client.customers.delete(source_id)
  assert.deepEqual(await c.outcomes([{ source_id }]), [['false', 'true']])
  const again = await c.customer(source_id)
  assert.notEqual(again.id, id)
  lacks(again, 'name')
})

endpoints.official('permanent deletion answers with counts, and the customer is gone', async (c) => {
  const { id } = await c.create({ source_id: c.id() })
  const deletion = await c.client.customers.deletePermanently(id)
  has(deletion, {
    related_object_id: id,
    related_object: 'customer',
    status: 'DONE',
    object: 'pernament_deletion',
  })
  has(deletion.data_json, { customer: 1, orders: 0, order_events: 0, segments: 0 })
  isError(await c.call('GET', `/v1/customers/${id}`), 404)
})

endpoints.official('permanent deletion of an unknown customer is 404', async (c) => {
  const id = c.id('nobody')
  const answer = await c.call('POST', `/v1/customers/${id}/permanent-deletion`, { body: {} })
  isError(answer, 404, notFound('customer', id))
})

endpoints.official('a body that is no object, or has a wrong type, is 400 invalid_payload', async (c) => {
  for (const body of ['[]', '5', '{"name":5}'])
    isError(await c.call('POST', '/v1/customers', { body }), 400, { key: 'invalid_payload' })
})

const list = new Section('7.2')

const names = ({ customers }: Page<Customer>): (string | undefined)[] =>
  customers.map(({ source_id }) => source_id)

/** A list as the server has it, with any query. */
const listed = async (c: Context, query: Record<string, string>): Promise<Page<Customer>> =>
  (await c.call<Page<Customer>>('GET', `/v1/customers?${new URLSearchParams(query).toString()}`)).body

list.official('newest first by default', async (c) => {
  const email = `${c.id()}@example.com`
  const ids = c.newIds(3)
  await c.bulk(ids.map((source_id) => ({ source_id, email })))
  assert.deepEqual(names(await listed(c, { email })), ids.reverse())
})

list.official('page leads through the list, from 1 to 99', async (c) => {
  const ids = c.newIds(4)
  const email = `${c.id()}@example.com`
  await c.bulk(ids.map((source_id) => ({ source_id, email })))
  const pages = await Promise.all(['1', '2'].map((page) => listed(c, { email, limit: '2', page })))
  assert.deepEqual(pages.flatMap(names), ids.reverse())
  for (const page of ['0', '100']) isError(await c.call('GET', `/v1/customers?page=${page}`), 400)
})

for (const field of ['email', 'name', 'city'] as const) {
  list.official(`${field} returns only customers that have it`, async (c) => {
    const value = c.id(field)
    const source_id = c.id()
    const attributes: Body = field === 'city' ? { address: { city: value } } : { [field]: value }
    await c.bulk([{ source_id, ...attributes }, { source_id: c.id() }])
    const page = await listed(c, { [field]: value })
    assert.deepEqual([names(page), page.total], [[source_id], 1])
  })
}

for (const field of ['created_at', 'updated_at'] as const) {
  list.official(
    `${field}[before] and ${field}[after] bound the time, with brackets percent-encoded or not`,
    async (c) => {
      const email = `${c.id()}@example.com`
      const [one, two] = c.newIds(2) as [string, string]
      for (const source_id of [one, two]) {
        await c.put({ source_id, email })
        await c.put({ source_id, name: 'Changed' })
      }
      const moment = (await c.customer(two))[field] ?? ''
      const next = (await c.customer(one))[field] ?? ''
      assert.deepEqual(names(await listed(c, { email, [`${field}[after]`]: next })), [two])
      const plain = await c.call<Page<Customer>>(
        'GET',
        `/v1/customers?email=${email}&${field}[before]=${moment}`,
      )
      assert.deepEqual(names(plain.body), [one])
    },
  )
}

list.official('order by created_at, updated_at or source_id, up or down', async (c) => {
  const email = `${c.id()}@example.com`
  const [b, a, x] = [c.id('b'), c.id('a'), c.id('x')]
  for (const source_id of [b, a, x]) await c.put({ source_id, email })
  for (const source_id of [x, b, a]) await c.put({ source_id, name: 'Changed' })
  for (const [order, expected] of [
    ['created_at', [b, a, x]],
    ['updated_at', [x, b, a]],
    ['source_id', [a, b, x]],
  ] as const) {
    assert.deepEqual(names(await listed(c, { email, order })), expected)
    assert.deepEqual(names(await listed(c, { email, order: `-${order}` })), [...expected].reverse())
  }
  isError(await c.call('GET', '/v1/customers?order=name'), 400)
})

list.official(
  'starting_after leads on from a created_at: down by default, up when ordered by created_at',
  async (c) => {
    const email = `${c.id()}@example.com`
    const ids = c.newIds(3)
    await c.bulk(ids.map((source_id) => ({ source_id, email })))
    const [first, second, third] = ids as [string, string, string]
    const { created_at: starting_after } = await c.customer(second)
    assert.deepEqual(names(await listed(c, { email, starting_after })), [first])
    assert.deepEqual(names(await listed(c, { email, starting_after, order: 'created_at' })), [third])
  },
)

list.official('the client’s scroll() meets every customer once, in both orders', async (c) => {
  const email = `${c.id()}@example.com`
  const ids = c.newIds(25)
  await c.bulk(ids.map((source_id) => ({ source_id, email })))
  for (const order of ['created_at', '-created_at'] as const) {
    const met = (await c.met({ email, limit: 10, order })).map(({ source_id }) => source_id)
    assert.deepEqual(order === 'created_at' ? met : met.reverse(), ids)
  }
})

list.official('total counts all that match, not those of the page', async (c) => {
  const email = `${c.id()}@example.com`
  await c.bulk(c.newIds(3).map((source_id) => ({ source_id, email })))
  has(await listed(c, { email, limit: '1' }), { total: 3, has_more: true })
})

list.ours('no two customers have the same created_at', async (c) => {
  const email = `${c.id()}@example.com`
  await c.bulk(c.newIds(100).map((source_id) => ({ source_id, email })))
  const { customers } = await listed(c, { email, limit: '100' })
  assert.equal(new Set(customers.map(({ created_at }) => created_at)).size, 100)
})

const object = new Section('7.3')

object.official('the figures of a fresh customer are all zero', async (c) => {
  const customer = await c.put({ source_id: c.id() })
  has(customer, {
    summary: {
      redemptions: {
        total_redeemed: 0,
        total_failed: 0,
        total_succeeded: 0,
        total_rolled_back: 0,
        total_rollback_failed: 0,
        total_rollback_succeeded: 0,
        gift: { redeemed_amount: 0, amount_to_go: 0 },
        loyalty_card: { redeemed_points: 0, points_to_go: 0 },
      },
      orders: { total_amount: 0, total_count: 0, average_amount: 0, last_order_amount: 0 },
    },
    loyalty: { points: 0, referred_customers: 0, campaigns: {} },
    referrals: { total: 0, campaigns: [] },
    system_metadata: {},
    object: 'customer',
  })
})

object.official('updated_at is absent until the first change', async (c) => {
  const source_id = c.id()
  lacks(await c.put({ source_id }), 'updated_at')
  assert.equal(typeof (await c.put({ source_id, name: 'New' })).updated_at, 'string')
})

object.official('one customer looks the same in a list as alone', async (c) => {
  const source_id = c.id()
  const email = `${source_id}@example.com`
  const alone = await c.put({ source_id, email, address: { city: 'Rome' }, metadata: { a: null } })
  // The links to its page, which examples show of a single customer only, may be absent from a list.
  const [inList] = (await listed(c, { email })).customers
  assert.deepEqual({ ...inList, assets: undefined }, { ...alone, assets: undefined })
})

const activity = new Section('7.4')

interface Activity {
  readonly id: string
  readonly type: string
  readonly created_at: string
  readonly group_id: string
  readonly data: {
    readonly data: { readonly customer: Body }
    readonly event_source: { readonly channel: string }
  }
}

/** A customer that was created and changed twice, and its activities, newest first. */
async function withActivities(c: Context): Promise<{ path: string; all: readonly Activity[] }> {
  const source_id = c.id()
  for (const name of ['One', 'Two', 'Three']) await c.put({ source_id, name })
  const path = `/v1/customers/${source_id}/activity`
  return { path, all: (await c.call<Page<Activity>>('GET', path)).body.data }
}

const activities = async (c: Context, path: string, query: string): Promise<string[]> =>
  (await c.call<Page<Activity>>('GET', `${path}?${query}`)).body.data.map(({ id }) => id)

activity.official('creation and changes are listed with what the customer was then', async (c) => {
  const { all } = await withActivities(c)
  assert.deepEqual(
    all.map(({ type, data }) => [type, data.data.customer['name']]),
    [
      ['customer.updated', 'Three'],
      ['customer.updated', 'Two'],
      ['customer.created', 'One'],
    ],
  )
  for (const { data } of all) assert.equal(data.event_source.channel, 'API')
})

activity.official('group_id is the id of the request that caused it', async (c) => {
  const source_id = c.id()
  const { request_id } = await c.bulk([{ source_id }])
  const { data } = await c.client.customers.listActivity(source_id)
  assert.equal(data[0]?.['group_id'], request_id)
})

activity.official('limit and starting_after_id lead from page to page', async (c) => {
  const { path, all } = await withActivities(c)
  const first = (await c.call<Page<Activity>>('GET', `${path}?limit=2`)).body
  assert.deepEqual(
    first.data.map(({ id }) => id),
    all.slice(0, 2).map(({ id }) => id),
  )
  const rest = await activities(c, path, `limit=2&starting_after_id=${first.more_starting_after ?? ''}`)
  assert.deepEqual(rest, [all[2]?.id])
})

activity.official('order turns the list around', async (c) => {
  const { path, all } = await withActivities(c)
  const ids = all.map(({ id }) => id)
  assert.deepEqual(await activities(c, path, 'order=-created_at'), ids)
  assert.deepEqual(await activities(c, path, 'order=created_at'), ids.reverse())
})

activity.official('start_date and end_date bound the time', async (c) => {
  const { path, all } = await withActivities(c)
  assert.deepEqual(await activities(c, path, 'start_date=2200-01-01'), [])
  assert.deepEqual(await activities(c, path, 'end_date=2000-01-01'), [])
  assert.equal((await activities(c, path, 'start_date=2000-01-01&end_date=2200-01-01')).length, all.length)
})

activity.official('type returns only activities of that kind', async (c) => {
  const { path, all } = await withActivities(c)
  assert.deepEqual(await activities(c, path, 'type=customer.created'), [all[2]?.id])
  assert.deepEqual(await activities(c, path, 'type=customer.segment.entered'), [])
})

activity.official('category, campaign_type and campaign_id are taken', async (c) => {
  const { path } = await withActivities(c)
  for (const query of ['category=ACTION', 'category=EFFECT', 'campaign_type=PROMOTION', 'campaign_id=camp_1'])
    assert.equal((await c.call('GET', `${path}?${query}`)).status, 200)
  assert.deepEqual(await activities(c, path, 'campaign_id=camp_1'), [])
})

activity.official('of an unknown customer it is 404', async (c) => {
  const id = c.id('nobody')
  isError(await c.call('GET', `/v1/customers/${id}/activity`), 404, notFound('customer', id))
})

activity.official('the old …/activities has a total besides', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  await c.put({ source_id, name: 'New' })
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is what old clients call
  const old = await c.client.customers.listActivities(source_id, { limit: 1 })
  has(old, { object: 'list', data_ref: 'data', total: 2 })
  assert.equal(old.data.length, 1)
})

export const CUSTOMERS = [endpoints, list, object, activity].flatMap(({ rows }) => rows)
