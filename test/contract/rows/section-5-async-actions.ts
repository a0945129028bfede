import { type Action, type Page } from './context.js'
import { assert, has, isError, lacks, notFound, UNKNOWN_ACTION } from './expect.js'
import { Section } from './row.js'

const list = new Section('5.1')

list.official('actions are listed newest first', async (c) => {
  const ids = [await c.startBulk([]), await c.startBulk([]), await c.startBulk([])]
  const { async_actions } = await c.client.asyncActions.list({ limit: 100 })
  const listed = async_actions.map(({ id }) => id).filter((id) => ids.includes(id))
  assert.deepEqual(listed, ids.reverse())
})

list.official('end_date returns only actions scheduled before it, and leads from page to page', async (c) => {
  const first = await c.startBulk([])
  const ids = [first]
  for (let n = 0; n < 4; n++) ids.unshift(await c.startBulk([]))
  const seen: string[] = []
  for (let end_date: string | undefined; !seen.includes(first);) {
    const page = await c.client.asyncActions.list({ limit: 2, ...(end_date !== undefined && { end_date }) })
    assert.notEqual(page.async_actions.length, 0, 'the list ended before the oldest of our actions')
    seen.push(...page.async_actions.map(({ id }) => id))
    end_date = page.async_actions.at(-1)?.created_at
  }
  assert.deepEqual(
    seen.filter((id) => ids.includes(id)),
    ids,
  )
})

list.official('has_more tells whether there are older actions', async (c) => {
  await c.startBulk([])
  await c.startBulk([])
  const { body } = await c.call('GET', '/v1/async-actions?limit=1')
  assert.equal(body['has_more'], true)
  const oldest = await c.call('GET', '/v1/async-actions?end_date=2000-01-01')
  has(oldest.body, { async_actions: [], has_more: false })
})

list.official('list items have no result, not even those that are DONE', async (c) => {
  const { id } = await c.bulk([])
  const { async_actions } = await c.client.asyncActions.list({ limit: 100 })
  const listed = async_actions.find((action) => action.id === id)
  has(listed ?? {}, { status: 'DONE' })
  lacks(listed ?? {}, 'result')
})

list.ours('ten are listed by default', async (c) => {
  for (let n = 0; n < 11; n++) await c.startBulk([])
  const { body } = await c.call<Page<Action>>('GET', '/v1/async-actions')
  assert.equal(body.async_actions.length, 10)
})

for (const [query, details] of [
  ['limit=0', 'Property .limit must be >= 1'],
  ['limit=101', 'Property .limit must be <= 100'],
  ['end_date=soon', 'Property .end_date cannot be recognized as a ISO-8601 compliant date'],
] as const) {
  list.ours(`?${query} is refused with invalid_query_params`, async (c) => {
    isError(await c.call('GET', `/v1/async-actions?${query}`), 400, { key: 'invalid_query_params', details })
  })
}

list.ours('?async_action_id= answers as the single action does', async (c) => {
  const { id } = await c.bulk([])
  const [one, other] = await Promise.all([
    c.call('GET', `/v1/async-actions?async_action_id=${id}`),
    c.call('GET', `/v1/async-actions/${id}`),
  ])
  assert.deepEqual(one.body, other.body)
})

const single = new Section('5.2')

single.official('an action that has ended shows all documented fields', async (c) => {
  const action = await c.bulk([{ source_id: c.id() }])
  assert.deepEqual(Object.keys(action).sort(), [
    'created_at',
    'id',
    'object',
    'operation_status',
    'processing_time',
    'progress',
    'request_id',
    'result',
    'status',
    'type',
    'updated_at',
  ])
  has(action, { type: 'CUSTOMERS.BULK_UPDATE', object: 'async_action', progress: 100 })
})

single.official('processing_time is the milliseconds from created_at to updated_at', async (c) => {
  const { processing_time, created_at, updated_at } = await c.bulk([{ source_id: c.id() }])
  assert.equal(processing_time, Date.parse(updated_at) - Date.parse(created_at))
})

single.official('request_id is the id of the request that started it', async (c) => {
  const answer = await c.call<{ async_action_id: string }>('POST', '/v1/customers/bulk/async', { body: [] })
  const { request_id } = await c.action(answer.body.async_action_id)
  assert.equal(request_id, answer.headers.get('x-voucherify-request-id'))
})

single.official('an unknown action is 404 not_found', async (c) => {
  const answer = await c.call('GET', `/v1/async-actions/${UNKNOWN_ACTION}`)
  isError(answer, 404, notFound('async_action', UNKNOWN_ACTION))
})

single.ours('operation_status is FAILED as soon as one row failed', async (c) => {
  const action = await c.bulk([{ source_id: c.id() }, { source_id: c.id(), name: 5 }])
  has(action, { status: 'DONE', operation_status: 'FAILED' })
})

single.ours(
  'before the end there is no result and no processing_time, and progress stays below 100',
  async (c) => {
    const seen: Action[] = []
    const rows = c.newIds(20_000).map((source_id) => ({ source_id }))
    await c.ended(await c.startBulk(rows), seen)
    const before = seen.slice(0, -1)
    assert.notEqual(before.length, 0)
    for (const action of before) {
      lacks(action, 'result', 'processing_time')
      assert.ok(action.progress < 100)
    }
    const progress = seen.map((action) => action.progress)
    assert.deepEqual(
      progress,
      [...progress].sort((one, other) => one - other),
    )
  },
)

const result = new Section('5.3')

result.official('done_count and failed_count add up to the rows that were sent', async (c) => {
  const bad = c.newIds(3).map((source_id) => ({ source_id, phone: true }))
  const good = c.newIds(4).map((source_id) => ({ source_id }))
  has((await c.bulk([...bad, ...good])).result, { done_count: 4, failed_count: 3 })
})

result.official('rows that change nothing count as done', async (c) => {
  const rows = [{ source_id: c.id(), name: 'Same' }]
  await c.bulk(rows)
  has((await c.bulk(rows)).result, { done_count: 1, failed_count: 0 })
})

result.official('errors is empty on success', async (c) => {
  assert.deepEqual((await c.bulk([{ source_id: c.id() }])).result.errors, [])
})

result.official('each error has message, details, key and source_id', async (c) => {
  const source_id = c.id()
  const { result } = await c.bulk([{ source_id, name: 5 }])
  assert.deepEqual(result.errors, [
    {
      key: 'invalid_payload',
      message: 'Invalid payload',
      details: 'Property .name must be string,null',
      source_id,
    },
  ])
})

result.ours('errors has the first 1,000, the report has all', async (c) => {
  const action = await c.bulk(c.newIds(1_001).map((source_id) => ({ source_id, name: 5 })))
  assert.equal(action.result.failed_count, 1_001)
  assert.equal(action.result.errors.length, 1_000)
  assert.equal((await c.report(action)).length, 1_001)
})

export const ASYNC_ACTIONS = [list, single, result].flatMap(({ rows }) => rows)
