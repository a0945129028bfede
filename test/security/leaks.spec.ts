import { once } from 'node:events'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Canaries } from '../support/canaries.factory.js'
import { dumpOf } from '../support/dump.js'
import { fileOf } from '../support/multipart.factory.js'
import { sendRaw } from '../support/raw-http.js'
import { type Answer, eventually, Rollcall } from '../support/rollcall.js'
import { startRedis, type TestRedis } from '../support/servers.js'

const BULK = '/v1/customers/bulk/async'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const DEADLY = `--require ${join(__dirname, '..', 'support', 'deadly-row.cjs')}`

/** Where what a customer is may be kept, and what is refused may not. */
const OF_CUSTOMERS = ['customers', 'events']
/** A report names each row; a customer who was deleted can be erased by it. */
const OF_SOURCE_IDS = [...OF_CUSTOMERS, 'async_action_reports', 'deleted_customers']

const canaries = new Canaries()
const kept = (place: string) => canaries.at(`kept-${place}`)
const named = (place: string) => canaries.at(`named-${place}`)
const refused = (place: string) => canaries.at(`refused-${place}`)

let redis: TestRedis
let monitor: Redis
let rollcall: Rollcall
let log = ''
const heardByRedis: string[] = []
const errors: Answer[] = []

const person = (place: string) => ({
  source_id: named(place),
  name: kept(`${place}-name`),
  email: `${kept(`${place}-mail`)}@example.com`,
  phone: kept(`${place}-phone`),
  description: kept(`${place}-description`),
  address: { city: kept(`${place}-city`) },
  metadata: { [kept(`${place}-key`)]: kept(`${place}-value`) },
})
/** One that fails for its birthdate. */
const wrong = (place: string) => ({
  source_id: named(place),
  name: refused(`${place}-name`),
  email: `${refused(`${place}-mail`)}@example.com`,
  birthdate: refused(`${place}-birthdate`),
})
/** One whose row PostgreSQL refuses with words that repeat it. */
const poisoned = (place: string) => ({ source_id: named(`poison-${place}`), name: refused(`${place}-name`) })

const call = async (method: string, path: string, options: Parameters<Rollcall['call']>[2] = {}) => {
  const answer = await rollcall.call(method, path, options)
  if (answer.status >= 400) errors.push(answer)
  return answer
}
const done = async (answer: Answer, status: 'DONE' | 'FAILED' = 'DONE') => {
  expect(answer.status).toBe(202)
  const { async_action_id: id } = answer.body as { async_action_id: string }
  expect(await rollcall.finished(id)).toMatchObject({ status })
}
const bulk = (customers: unknown[], headers: Record<string, string> = {}) =>
  call('POST', BULK, { body: customers, headers })
const csv = (content: string) => call('POST', '/v1/customers/importCSV', fileOf(content))

beforeAll(async () => {
  redis = await startRedis()
  // ioredis fails when it hears a command together with the answer to MONITOR, so nobody else is connected yet.
  monitor = await new Redis(redis.url, { lazyConnect: true }).monitor()
  monitor.on('monitor', (_: string, words: string[]) => heardByRedis.push(words.join(' ')))
  rollcall = await Rollcall.start({
    redisUrl: redis.url,
    env: { LOG_LEVEL: 'debug', RATE_LIMIT_PER_MINUTE: '100000', CHUNK_BYTES: '1024' },
    onOutput: (text) => {
      log += text
    },
  })
  await rollcall.query(`
    CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'invalid input syntax for type date: "%"', row_to_json(NEW) USING
        ERRCODE = '22007', DETAIL = row_to_json(NEW)::text, HINT = NEW.source_id;
    END $$;
    CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON customers
      FOR EACH ROW WHEN (NEW.source_id LIKE '%-poison-%') EXECUTE FUNCTION poison()`)
  await acceptedOnes()
  await refusedOnes()
  await inHeadersAndPaths()
  await inForms()
  await onWhichTheSystemFails()
  await eventually('the rows of requests are removed', async () => {
    const rows = await rollcall.query('SELECT FROM async_action_payloads')
    return rows.length === 0 || undefined
  })
})
afterAll(async () => {
  monitor.disconnect()
  await rollcall.stop()
  await redis.stop()
})

async function acceptedOnes(): Promise<void> {
  await done(await bulk([person('bulk'), wrong('bulk-wrong')], { 'idempotency-key': refused('idempotency') }))
  const metadata = { [kept('metadata-key')]: kept('metadata-value') }
  const source_ids = [named('metadata'), named('bulk')]
  await done(await call('POST', '/v1/customers/metadata/async', { body: { source_ids, metadata } }))
  const line = [named('csv'), kept('csv-name'), `${kept('csv-mail')}@example.com`, kept('csv-more')]
  await done(await csv(`Source_id,Name,Email,${kept('csv-column')}\n${line.join(',')}\n`))
  await done(
    await csv(
      `Source_id,Name,Birthdate\n${named('csv-wrong')},${refused('csv-name')},${refused('csv-date')}\n`,
    ),
  )
  const created = person('create')
  expect((await call('POST', '/v1/customers', { body: created })).status).toBe(200)
  const path = `/v1/customers/${created.source_id}`
  expect((await call('PUT', path, { body: { name: kept('update-name') } })).status).toBe(200)
  expect((await call('GET', path)).status).toBe(200)
  expect((await call('GET', `${path}/activity`)).status).toBe(200)
  expect((await call('DELETE', path)).status).toBe(204)
}

async function refusedOnes(): Promise<void> {
  const bodies = [
    `{"${refused('json-key')}": ${refused('json')}`,
    `[{"name": "${refused('envelope')}"}]`,
    `"${refused('text')}"`,
  ]
  for (const body of bodies)
    for (const path of [BULK, '/v1/customers/metadata/async', '/v1/customers'])
      expect((await call('POST', path, { body })).status).toBe(400)
  expect((await call('POST', '/v1/customers', { body: wrong('create-wrong') })).status).toBe(400)
  expect(
    (await call('PUT', `/v1/customers/${named('nobody')}`, { body: wrong('update-wrong') })).status,
  ).toBe(400)
  expect((await csv(`${refused('csv-header')};${refused('csv-semicolon')}\n`)).status).toBe(400)
  expect((await csv(`Source_id,Name\n${named('csv-quote')},"${refused('csv-quote')}\n`)).status).toBe(400)
  const body = { source_ids: [named('metadata-wrong')], metadata: refused('metadata-text') }
  expect((await call('POST', '/v1/customers/metadata/async', { body })).status).toBe(400)
}

async function inHeadersAndPaths(): Promise<void> {
  const headers = {
    'x-request-id': refused('request-id'),
    'x-voucherify-request-id': refused('own-request-id'),
    'user-agent': refused('user-agent'),
    referer: `http://x/${refused('referer')}`,
    'x-forwarded-for': refused('forwarded'),
    cookie: `a=${refused('cookie')}`,
  }
  await call('GET', '/v1/customers', { headers })
  const unknown: Record<string, string>[] = [
    { authorization: `Bearer ${refused('bearer')}` },
    { authorization: `Basic ${refused('basic')}` },
    { authorization: refused('scheme') },
    { 'x-app-id': refused('app-id'), 'x-app-token': refused('app-token') },
  ]
  for (const headers of unknown)
    expect((await call('GET', '/v1/customers', { keys: null, headers })).status).toBe(401)
  const keyed = { 'idempotency-key': `${refused('key')} ${refused('key-with-space')}` }
  expect((await bulk([], keyed)).status).toBe(400)
  const typed = { 'content-type': refused('type') }
  expect((await call('POST', BULK, { body: '[]', headers: typed })).status).toBe(415)
  await call('GET', '/v1/customers', { headers: { accept: `text/${refused('accept')}` } })
  const paths = ['customers', 'async-actions', 'async-actions/aa_000000000000000000/reports', refused('path')]
  for (const path of paths) await call('GET', `/v1/${path}/${refused('path-id')}?a=${refused('query')}`)
  const queries = [
    'email',
    'name',
    'city',
    'order',
    'starting_after',
    'created_at[before]',
    'page',
    'x[y][z]',
  ]
  for (const name of queries) await call('GET', `/v1/customers?${name}=${refused('query')}`)
  await call('GET', `/v1/async-actions?status=${refused('query')}&starting_after_id=${refused('query')}`)
  await call('GET', `/v1/customers?access_token=${refused('query-token')}`)
  await sendRaw(rollcall.base, [
    `GET /v1/customers/%zz${refused('path-broken')} HTTP/1.1`,
    'Host: x',
    'Connection: close',
  ])
  await sendRaw(rollcall.base, [`GET / HTTP/1.1`, refused('header-broken'), 'Connection: close'])
}

async function inForms(): Promise<void> {
  const forms = [
    ['token', `grant_type=${refused('grant')}&scope=${refused('scope')}`],
    ['token', `grant_type=client_credentials&scope=${refused('scope')}`],
    ['token', `client_id=${refused('client')}&client_secret=${refused('secret')}&${refused('parameter')}=1`],
    ['introspect', `token=${refused('token')}`],
    ['token/revoke', `token=${refused('token')}&token_type_hint=${refused('hint')}`],
    ['token/revoke', `access_token=${refused('token')}&${refused('parameter')}=%zz`],
  ] as const
  for (const [path, body] of forms) {
    expect((await call('POST', `/v1/oauth/${path}`, { headers: FORM, body })).status).toBeLessThan(500)
    const basic = Buffer.from(`${refused('basic-id')}:${refused('basic-secret')}`).toString('base64')
    const headers = { ...FORM, authorization: `Basic ${basic}` }
    expect((await call('POST', `/v1/oauth/${path}`, { keys: null, headers, body })).status).toBe(401)
  }
}

async function onWhichTheSystemFails(): Promise<void> {
  await done(await bulk([person('beside-poison'), poisoned('bulk')]))
  expect((await call('POST', '/v1/customers', { body: poisoned('create') })).status).toBe(500)
  await withConnectionsLost()
  await withAnUnreadablePayload()
  await withWorkersLost()
}

/** As if PostgreSQL were restarted: connections of this database end in the middle of the work, five times. */
async function withConnectionsLost(): Promise<void> {
  const accepted = await bulk(Array.from({ length: 300 }, () => person('restart')))
  const clients = Array.from({ length: 20 }, async () => {
    for (let n = 0; n < 20; n++) await call('POST', '/v1/customers', { body: person('restart') })
  })
  const terminate = () =>
    rollcall.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'rollcall%' AND state <> 'idle'`,
    )
  for (let time = 0; time < 5; time++)
    await eventually(
      'connections are lost',
      async () => ((await terminate()).length > 0 ? true : undefined),
      20,
    )
  await Promise.all([done(accepted), ...clients])
}

/** What was stored is no longer what was stored. */
async function withAnUnreadablePayload(): Promise<void> {
  await rollcall.stopWorkers()
  const answer = await bulk([{ source_id: named('unreadable'), name: refused('unreadable-name') }])
  await rollcall.query(`UPDATE async_action_payloads SET packed = NULL, rows = $1`, [
    `[{"source_id":"${refused('unreadable')}"`,
  ])
  await rollcall.startWorker()
  await done(answer, 'FAILED')
}

/** Whoever takes up these rows together dies of them. */
async function withWorkersLost(): Promise<void> {
  await rollcall.stopWorkers()
  const answer = await bulk([{ ...person('deadly'), source_id: 'deadly' }, person('beside-deadly')])
  const doomed = await rollcall.startWorker({ NODE_OPTIONS: DEADLY, DEADLY_FROM: '2' })
  if (doomed.exitCode === null && doomed.signalCode === null) await once(doomed, 'exit')
  await rollcall.startWorker()
  await done(answer)
}

it('was put everywhere', () => {
  expect(canaries.count).toBeGreaterThan(1_000)
  expect(new Set(errors.map(({ status }) => status))).toEqual(new Set([400, 401, 404, 406, 415, 500, 503]))
})

describe('What clients send', () => {
  it('is in no log, though that tells of every failure', () => {
    expect(canaries.in(log)).toEqual([])
    expect(log).toMatch(/v-\w+ failed/)
    expect(log).toMatch(/v-\w+ answered 503/)
    expect(log).toMatch(/A row of aa_\w+ is given up/)
    expect(log).toMatch(/its action is ended as FAILED/)
    expect(log).toContain('22007')
  })

  it('is never sent to Redis', () => {
    const words = heardByRedis.join('\n')
    expect(words).toMatch(/aa_\w+/)
    expect(canaries.in(words)).toEqual([])
  })

  it('is kept where customers and reports are, and nowhere else', async () => {
    const rows = await dumpOf((sql) => rollcall.query(sql))
    const places = new Map<string, Set<string>>()
    for (const row of rows) {
      const [table = ''] = row.split(' ', 1)
      for (const place of canaries.in(row)) places.set(place, (places.get(place) ?? new Set()).add(table))
    }
    const misplaced = [...places].filter(([place, tables]) => {
      const allowed = place.startsWith('kept') ? OF_CUSTOMERS : place.startsWith('named') ? OF_SOURCE_IDS : []
      return [...tables].some((table) => !allowed.includes(table))
    })
    expect(misplaced).toEqual([])
    expect(places.get('named-bulk')).toEqual(new Set(['customers', 'events', 'async_action_reports']))
  })
})

describe('An error', () => {
  const INSIDE =
    /\b(select|insert|update|delete from|relation|constraint|syntax|sqlstate|queryfailed|node_modules|pg_\w+)\b|\bat .*:\d+|\.(js|ts)\b|\/(src|dist|tmp|home|work)\b|22007|\berror:/i

  it('tells nothing of the inside', () => {
    const telling = errors.filter(({ text }) =>
      INSIDE.test(text.replaceAll(/"(resource_id|details)":"[^"]*canary[^"]*"/g, '')),
    )
    expect(telling.map(({ text }) => text)).toEqual([])
  })

  it('has an id that the log has, and never one that the client sent', () => {
    for (const { status, headers, text, body } of errors) {
      const id = headers.get('x-voucherify-request-id') ?? ''
      expect(id).toMatch(/^v-[0-9a-f]+$/)
      if (text !== '') expect(body['request_id']).toBe(id)
      if (status >= 500) expect(log).toContain(id)
    }
  })

  it('repeats no credentials', () => {
    const secret = /(app-token|bearer|basic|token|secret|cookie)$/
    for (const { text } of errors) expect(canaries.in(text).filter((place) => secret.test(place))).toEqual([])
  })
})
