import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { type ProjectKeys } from '../../src/projects/index.js'
import { dumpOf } from '../support/dump.js'
import { Rollcall } from '../support/rollcall.js'
import { startRedis, type TestRedis } from '../support/servers.js'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const SIGNING_KEY = randomBytes(24).toString('base64url')

let redis: TestRedis
let reader: Redis
let rollcall: Rollcall
/** Everything by which somebody could act as another, by what it is. */
const secrets: Record<string, string> = {}

beforeAll(async () => {
  redis = await startRedis()
  reader = new Redis(redis.url)
  rollcall = await Rollcall.start({
    redisUrl: redis.url,
    env: { REPORT_SIGNING_KEY: SIGNING_KEY, RATE_LIMIT_PER_MINUTE: '1000', BULK_RATE_LIMIT_PER_HOUR: '1000' },
  })
  const second = await rollcall.projects.addKey(rollcall.keys.projectId)
  const revoked = await rollcall.projects.create('revoked')
  await rollcall.projects.revokeKey(revoked.appId)
  Object.assign(secrets, {
    'the key that signs reports': SIGNING_KEY,
    'the token of a key': rollcall.keys.appToken,
    'the token of a second key': second?.appToken ?? '',
    'the token of a revoked key': revoked.appToken,
    'an access token': await accessTokenOf(rollcall.keys),
    'a revoked access token': await revokedAccessToken(),
    'the key of a request that may be repeated': 'key-of-a-request-7d1f',
  })
  await useThem()
}, 60_000)
afterAll(async () => {
  reader.disconnect()
  await rollcall.stop()
  await redis.stop()
})

async function accessTokenOf(keys: ProjectKeys): Promise<string> {
  const answer = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
    keys,
    headers: FORM,
    body: 'grant_type=client_credentials&scope=api',
  })
  return answer.body.access_token
}

async function revokedAccessToken(): Promise<string> {
  const token = await accessTokenOf(rollcall.keys)
  const body = `token=${token}`
  expect((await rollcall.call('POST', '/v1/oauth/token/revoke', { headers: FORM, body })).status).toBe(200)
  return token
}

/** By each way in, successfully and not, with a report that is downloaded by its link. */
async function useThem(): Promise<void> {
  const bearer = { authorization: `Bearer ${secrets['an access token'] ?? ''}` }
  const key = { 'idempotency-key': secrets['the key of a request that may be repeated'] ?? '' }
  const [one, again] = [
    { ...bearer, ...key },
    { ...bearer, ...key },
  ].map((headers) =>
    rollcall.call<{ async_action_id: string }>('POST', '/v1/customers/bulk/async', {
      keys: null,
      headers,
      body: [{ source_id: 'someone' }],
    }),
  )
  const answers = [await one, await again]
  expect(answers.map((answer) => answer?.status)).toContain(202)
  const id = answers.find((answer) => answer?.status === 202)?.body.async_action_id ?? ''
  const action = await rollcall.finished(id)
  const link = action.result?.reports[0] ?? ''
  secrets['the signature of a link to a report'] = new URL(link).searchParams.get('token') ?? ''
  expect(await rollcall.reportText(action)).toContain('someone')
  const wrong = { ...rollcall.keys, appToken: secrets['the token of a revoked key'] ?? '' }
  expect((await rollcall.call('GET', '/v1/customers', { keys: wrong })).status).toBe(401)
}

/** As a text, and as whoever stores it in another form would have it. */
const formsOf = (secret: string): string[] => {
  const bytes = Buffer.from(secret)
  const forms = [
    secret,
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]
  return forms.map((form) => form.toLowerCase())
}
const namesIn = (places: readonly string[]): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => places.some((place) => place.toLowerCase().includes(form))) ? [name] : [],
  )

const tables = (): Promise<string[]> => dumpOf((sql) => rollcall.query(sql))

/** Every key of Redis with all that it holds, whatever its type. */
async function keysOfRedis(): Promise<string[]> {
  const places: string[] = []
  for (const key of await reader.keys('*')) {
    const dump = await reader.dumpBuffer(key)
    places.push(`${key} ${dump.toString('latin1')} ${JSON.stringify(await contentOf(key))}`)
  }
  return places
}
async function contentOf(key: string): Promise<unknown> {
  switch (await reader.type(key)) {
    case 'string':
      return reader.get(key)
    case 'hash':
      return reader.hgetall(key)
    case 'list':
      return reader.lrange(key, 0, -1)
    case 'set':
      return reader.smembers(key)
    case 'zset':
      return reader.zrange(key, 0, -1)
    case 'stream':
      return reader.xrange(key, '-', '+')
    default:
      return null
  }
}

describe('Secrets', () => {
  it('are here in every kind, each of them long', () => {
    expect(Object.entries(secrets).filter(([, secret]) => secret.length < 20)).toEqual([])
    expect(Object.keys(secrets)).toHaveLength(8)
  })

  it('stand in no table: only their hashes do', async () => {
    const rows = await tables()
    expect(rows.length).toBeGreaterThan(5)
    expect(namesIn(rows)).toEqual([])
  })

  it('stand in no key of Redis', async () => {
    const places = await keysOfRedis()
    expect(places.length).toBeGreaterThan(0)
    expect(namesIn(places)).toEqual([])
  })

  it.each(['utf8', 'hex', 'base64'] as const)('would be found there, as %s', async (form) => {
    const planted = Buffer.from(rollcall.keys.appToken).toString(form)
    await reader.hset('planted', 'field', planted)
    await rollcall.query(`UPDATE projects SET name = $1 WHERE id = $2`, [planted, rollcall.keys.projectId])
    expect(namesIn(await tables())).toEqual(['the token of a key'])
    expect(namesIn(await keysOfRedis())).toEqual(['the token of a key'])
    await reader.del('planted')
    await rollcall.query(`UPDATE projects SET name = 'test' WHERE id = $1`, [rollcall.keys.projectId])
  })
})

describe('The key that signs reports when none is set', () => {
  it('is the one secret that PostgreSQL keeps, random for every installation', async () => {
    const [row] = await rollcall.query<{ key: Buffer }>('SELECT report_signing_key AS key FROM installation')
    expect(row?.key).toHaveLength(32)
  })
})
