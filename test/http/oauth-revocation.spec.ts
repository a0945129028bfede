import { type ProjectKeys } from '../../src/projects/index.js'
import { eventually, Rollcall } from '../support/rollcall.js'

/** What a revocation may take to reach every process, in milliseconds. */
const BOUND_MS = 5_000

let rollcall: Rollcall
let elsewhere: string

beforeAll(async () => {
  rollcall = await Rollcall.start({ workers: 0 })
  elsewhere = await rollcall.startAnotherApi()
})
afterAll(() => rollcall.stop())

type Credentials = Record<string, string>

const byKeys = ({ appId, appToken }: ProjectKeys): Credentials => ({
  'x-app-id': appId,
  'x-app-token': appToken,
})
const byToken = (token: string): Credentials => ({ authorization: `Bearer ${token}` })

const statusAt = async (base: string, headers: Credentials) =>
  (await fetch(`${base}/v1/async-actions`, { headers })).status

const tokenOf = async (keys: ProjectKeys) => {
  const { body } = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
    keys,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials&scope=api',
  })
  return body.access_token
}

/** Uses credentials without a pause until they are refused. Resolves to when they were last sent and accepted. */
const lastUse = async (base: string, headers: Credentials): Promise<number> => {
  let last = 0
  await eventually('the credentials are refused', async () => {
    const sentAt = performance.now()
    const status = await statusAt(base, headers)
    if (status === 200) last = sentAt
    else expect(status).toBe(401)
    return status === 200 ? undefined : true
  })
  return last
}

describe('A revoked token', () => {
  it('is refused at once by the process that revoked it, and within five seconds by every other', async () => {
    const token = await tokenOf(rollcall.keys)
    expect(await statusAt(rollcall.base, byToken(token))).toBe(200)
    expect(await statusAt(elsewhere, byToken(token))).toBe(200)
    const answer = await rollcall.call('POST', '/v1/oauth/token/revoke', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `access_token=${token}`,
    })
    const revokedAt = performance.now()
    expect(answer.status).toBe(204)
    expect(await statusAt(rollcall.base, byToken(token))).toBe(401)
    expect((await lastUse(elsewhere, byToken(token))) - revokedAt).toBeLessThanOrEqual(BOUND_MS)
  })
})

describe('A token that ends', () => {
  it('is refused from then on, though it was in use all the time', async () => {
    const token = await tokenOf(rollcall.keys)
    await rollcall.query(
      `UPDATE access_tokens SET expires_at = clock_timestamp() + interval '1.5 seconds'
       WHERE token_hash = sha256(convert_to($1, 'UTF8'))`,
      [token],
    )
    const endsAt = performance.now() + 1_500
    expect(await statusAt(elsewhere, byToken(token))).toBe(200)
    expect(await lastUse(elsewhere, byToken(token))).toBeLessThanOrEqual(endsAt)
  })
})

describe('A revoked key', () => {
  it('takes its tokens along, within five seconds', async () => {
    const keys = await rollcall.projects.create('revoked')
    const credentials = [byKeys(keys), byToken(await tokenOf(keys))]
    for (const each of credentials) expect(await statusAt(rollcall.base, each)).toBe(200)
    await rollcall.query('UPDATE api_keys SET revoked_at = clock_timestamp() WHERE app_id = $1', [keys.appId])
    const revokedAt = performance.now()
    const lastUses = await Promise.all(credentials.map((each) => lastUse(rollcall.base, each)))
    for (const last of lastUses) expect(last - revokedAt).toBeLessThanOrEqual(BOUND_MS)
  })
})

describe('A key whose secret is replaced', () => {
  it('is refused with the old secret within five seconds, while its tokens live on', async () => {
    const keys = await rollcall.projects.create('replaced')
    const token = await tokenOf(keys)
    expect(await statusAt(rollcall.base, byKeys(keys))).toBe(200)
    const renewed = { appId: keys.appId, appToken: 'another-secret-of-this-key' }
    await rollcall.projects.ensure('replaced', renewed)
    const replacedAt = performance.now()
    expect(await statusAt(rollcall.base, byKeys(renewed))).toBe(200)
    expect((await lastUse(rollcall.base, byKeys(keys))) - replacedAt).toBeLessThanOrEqual(BOUND_MS)
    expect(await statusAt(rollcall.base, byToken(token))).toBe(200)
    const withOldSecret = await rollcall.call('POST', '/v1/oauth/token', { keys, body: '' })
    expect(withOldSecret.status).toBe(401)
  })
})
