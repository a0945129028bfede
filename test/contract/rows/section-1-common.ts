import { assert, has, isError, MICROSECONDS, MILLISECONDS, notFound, UNKNOWN_ACTION } from './expect.js'
import { Section } from './row.js'

const credentials = new Section('1.1')

credentials.official('both keys are needed on every call', async (c) => {
  const { appId, appToken } = c.keys
  for (const headers of [{}, { 'x-app-id': appId }, { 'x-app-token': appToken }] as Record<string, string>[])
    isError(await c.call('GET', '/v1/async-actions', { keys: null, headers }), 401)
  assert.equal((await c.call('GET', '/v1/async-actions')).status, 200)
})

credentials.official('a bearer token alone is enough', async (c) => {
  const { access_token: token } = await c.token('api')
  assert.equal((await c.withToken(token, 'GET', '/v1/async-actions')).status, 200)
})

credentials.ours('of keys and token sent together, one valid is enough', async (c) => {
  const { access_token: token } = await c.token('api')
  const bad = { 'x-app-id': 'wrong', 'x-app-token': 'wrong', authorization: `Bearer ${token}` }
  assert.equal((await c.call('GET', '/v1/async-actions', { keys: null, headers: bad })).status, 200)
  const headers = { authorization: 'Bearer wrong' }
  assert.equal((await c.call('GET', '/v1/async-actions', { headers })).status, 200)
})

credentials.official(
  'X-Voucherify-API-Version and X-Voucherify-Channel are taken and not required',
  async (c) => {
    const headers = { 'x-voucherify-api-version': 'v2018-08-01', 'x-voucherify-channel': 'Ruby-SDK' }
    assert.equal((await c.call('GET', '/v1/async-actions', { headers })).status, 200)
  },
)

credentials.official('both Accept headers that clients send get application/json', async (c) => {
  for (const accept of ['application/json', 'application/json, text/plain, */*']) {
    const answer = await c.call('GET', '/v1/async-actions', { headers: { accept } })
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  }
})

credentials.official('query parameters that are not known are ignored', async (c) => {
  assert.equal((await c.call('GET', '/v1/async-actions?limit=1&something=else')).status, 200)
})

credentials.ours(
  'a double slash before /v1, from a base URL that ends in a slash, does no harm',
  async (c) => {
    assert.equal((await c.call('GET', '//v1/async-actions?limit=1')).status, 200)
  },
)

credentials.ours(
  'projects do not see each other’s customers and actions',
  async (c) => {
    const source_id = c.id()
    const action = await c.bulk([{ source_id }])
    isError(await c.other.call('GET', `/v1/customers/${source_id}`), 404, notFound('customer', source_id))
    isError(
      await c.other.call('GET', `/v1/async-actions/${action.id}`),
      404,
      notFound('async_action', action.id),
    )
  },
  'a second project',
)

credentials.ours(
  'the same source_id is a customer of its own in each project',
  async (c) => {
    const source_id = c.id()
    const mine = await c.put({ source_id, name: 'Mine' })
    const theirs = await c.other.put({ source_id, name: 'Theirs' })
    assert.notEqual(mine.id, theirs.id)
    assert.equal((await c.customer(source_id))['name'], 'Mine')
  },
  'a second project',
)

const headers = new Section('1.2')

headers.official(
  'answers tell the rate limit, what is left of it, and when to try again',
  async (c) => {
    const answer = await c.call('GET', '/v1/async-actions?limit=1')
    for (const name of ['x-rate-limit-limit', 'x-rate-limit-remaining', 'x-rate-limit-retry'])
      assert.match(answer.headers.get(name) ?? `no ${name}`, /^\d+$/)
  },
  'rate limits',
)

headers.official(
  'the official client reads the limits from a successful answer',
  async (c) => {
    await c.client.asyncActions.list({ limit: 1 })
    const { apiLimitsHandler } = c.client
    assert.ok(apiLimitsHandler.areLimitsAvailable())
    assert.ok(apiLimitsHandler.getRateLimit() > 0)
    assert.ok(apiLimitsHandler.getRateLimitRemaining() < apiLimitsHandler.getRateLimit())
  },
  'rate limits',
)

headers.ours('every answer names its request, and errors name it in their body too', async (c) => {
  const answer = await c.call('GET', `/v1/async-actions/${UNKNOWN_ACTION}`)
  assert.match(answer.headers.get('x-voucherify-request-id') ?? '', /^v-/)
  assert.equal(answer.headers.get('x-voucherify-request-id'), answer.body['request_id'])
})

headers.ours(
  'a request repeated under its Idempotency-Key is answered as before and done once',
  async (c) => {
    const [key, other] = [c.id(), c.id()]
    const bulk = (under: string, body: object[]) =>
      c.call('POST', '/v1/customers/bulk/async', { headers: { 'idempotency-key': under }, body })
    const rows = [{ source_id: c.id() }]
    const [first, again] = [await bulk(key, rows), await bulk(key, rows)]
    assert.deepEqual([again.status, again.body], [202, first.body])
    assert.equal(first.headers.get('idempotent-replayed'), null)
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
    isError(await bulk(key, []), 422, { key: 'idempotency_key_reused' })
    isError(await bulk('k'.repeat(256), rows), 400, { key: 'invalid_idempotency_key' })
    assert.notDeepEqual((await bulk(other, rows)).body, first.body)
  },
)

const errors = new Section('1.3')

errors.official('400 invalid_payload', async (c) => {
  const answer = await c.call('POST', '/v1/customers/bulk/async', { body: {} })
  isError(answer, 400, { key: 'invalid_payload', message: 'Invalid payload' })
})

errors.official('400 invalid_query_params, and details that name the parameter', async (c) => {
  isError(await c.call('GET', '/v1/async-actions?end_date=soon'), 400, {
    key: 'invalid_query_params',
    message: 'Invalid query params',
    details: 'Property .end_date cannot be recognized as a ISO-8601 compliant date',
  })
})

errors.official('400 when a list is asked for a page that is too deep', async (c) => {
  isError(await c.call('GET', '/v1/customers?page=1001'), 400)
})

errors.official('401 unauthorized', async (c) => {
  const answer = await c.call('GET', '/v1/async-actions', { keys: { ...c.keys, appToken: 'wrong' } })
  isError(answer, 401, { key: 'unauthorized', message: 'Unauthorized' })
})

errors.official('403 missing_required_permission, for a token without the scope', async (c) => {
  const { access_token: token } = await c.token('async-actions')
  isError(await c.withToken(token, 'GET', `/v1/customers/${c.id()}`), 403, {
    key: 'missing_required_permission',
    message: 'Missing permission',
  })
})

errors.official('404 not_found of a customer, with the id that was asked for', async (c) => {
  const id = c.id('nobody')
  isError(await c.call('GET', `/v1/customers/${id}`), 404, notFound('customer', id))
})

errors.official('404 not_found of an asynchronous action, with the id that was asked for', async (c) => {
  const answer = await c.call('GET', `/v1/async-actions/${UNKNOWN_ACTION}`)
  isError(answer, 404, notFound('async_action', UNKNOWN_ACTION))
})

errors.official('405 tells which methods a path has', async (c) => {
  const answer = await c.call('PUT', '/v1/customers', { body: {} })
  isError(answer, 405, {
    message: 'HTTP Method Not Allowed',
    details: 'PUT is not supported by this endpoint. Did you mean GET or POST?',
  })
})

errors.official('406 for a caller that accepts nothing we have', async (c) => {
  isError(await c.call('GET', '/v1/async-actions', { headers: { accept: 'image/png' } }), 406)
})

errors.official('415 for a body of another type', async (c) => {
  const headers = { 'content-type': 'text/plain' }
  isError(await c.call('POST', '/v1/customers/bulk/async', { body: '[]', headers }), 415)
})

errors.official('400 for malformed JSON', async (c) => {
  for (const path of ['/v1/customers/bulk/async', '/v1/customers/metadata/async', '/v1/customers'])
    isError(await c.call('POST', path, { body: '{"source_id":' }), 400, { key: 'invalid_payload' })
})

errors.official('the official client makes each error a VoucherifyError with all its fields', async (c) => {
  const id = c.id('nobody')
  const error = await c.client.customers.get(id).catch((thrown: unknown) => thrown as object)
  has(error, { code: 404, ...notFound('customer', id) })
})

const formats = new Section('1.4')

formats.official('an action’s id is aa_ and 18 hexadecimal digits, and later ids are greater', async (c) => {
  const [first, second] = [await c.startBulk([]), await c.startBulk([])]
  for (const id of [first, second]) assert.match(id, /^aa_[0-9a-f]{18}$/)
  assert.ok(first < second)
})

formats.official('a request’s id is v- and 18 hexadecimal digits', async (c) => {
  const action = await c.bulk([])
  assert.match(action.request_id, /^v-[0-9a-f]{18}$/)
})

formats.official('a customer’s id is cust_ and 24 letters and digits', async (c) => {
  assert.match((await c.put({ source_id: c.id() })).id, /^cust_[0-9A-Za-z]{24}$/)
})

formats.official('times of actions are ISO 8601 in UTC with milliseconds', async (c) => {
  const action = await c.bulk([])
  for (const time of [action.created_at, action.updated_at, action.result.reports_available_till])
    assert.match(time, MILLISECONDS)
})

formats.ours('times of customers have microseconds', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  const customer = await c.put({ source_id, name: 'Changed' })
  for (const time of [customer.created_at, customer.updated_at ?? '']) assert.match(time, MICROSECONDS)
})

formats.official('an activity’s id is evcus_ and 18 hexadecimal digits', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  const { data } = await c.client.customers.listActivity(source_id)
  assert.match(String(data[0]?.['id']), /^evcus_[0-9a-f]{18}$/)
})

formats.official('a permanent deletion’s id is del_ and 24 letters and digits', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  assert.match((await c.client.customers.deletePermanently(source_id)).id, /^del_[0-9A-Za-z]{24}$/)
})

formats.official('queries take a date and a date-time', async (c) => {
  for (const date of ['2200-01-01', '2200-01-01T00:00:00Z', '2200-01-01T00:00:00.000Z'])
    assert.equal((await c.call('GET', `/v1/async-actions?limit=1&end_date=${date}`)).status, 200)
})

const lists = new Section('1.5')

lists.official('a list of customers has object, data_ref, customers, total and has_more', async (c) => {
  await c.put({ source_id: c.id() })
  const { body } = await c.call('GET', '/v1/customers?limit=1')
  assert.deepEqual(Object.keys(body).sort(), ['customers', 'data_ref', 'has_more', 'object', 'total'])
  has(body, { object: 'list', data_ref: 'customers' })
})

lists.official(
  'a list of actions has object, data_ref, async_actions and has_more, and no total',
  async (c) => {
    const { body } = await c.call('GET', '/v1/async-actions?limit=1')
    assert.deepEqual(Object.keys(body).sort(), ['async_actions', 'data_ref', 'has_more', 'object'])
    has(body, { object: 'list', data_ref: 'async_actions' })
  },
)

lists.official('a list of activities has more_starting_after only while has_more is true', async (c) => {
  const source_id = c.id()
  await c.put({ source_id })
  await c.put({ source_id, name: 'Changed' })
  const first = await c.client.customers.listActivity(source_id, { limit: 1 })
  has(first, { object: 'list', data_ref: 'data', has_more: true })
  assert.equal(typeof first.more_starting_after, 'string')
  const all = await c.client.customers.listActivity(source_id, { limit: 2 })
  assert.deepEqual(Object.keys(all).sort(), ['data', 'data_ref', 'has_more', 'object'])
  assert.equal(all.has_more, false)
})

lists.official('limit is 1 to 100 and 10 by default', async (c) => {
  await c.bulk(c.newIds(11).map((source_id) => ({ source_id })))
  const customers = async (query: string) => (await c.call('GET', `/v1/customers${query}`)).body
  assert.equal(((await customers(''))['customers'] as unknown[]).length, 10)
  assert.equal(((await customers('?limit=11'))['customers'] as unknown[]).length, 11)
  for (const path of ['/v1/customers', '/v1/async-actions'])
    for (const limit of [0, 101])
      isError(await c.call('GET', `${path}?limit=${limit}`), 400, { key: 'invalid_query_params' })
})

export const COMMON = [credentials, headers, errors, formats, lists].flatMap(({ rows }) => rows)
