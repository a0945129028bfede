import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { sendRaw } from '../support/raw-http.js'
import { BULK, Stage } from './stage.js'

let stage: Stage

beforeAll(async () => {
  stage = await Stage.start()
})
afterAll(() => stage.stop())

const unknown = { status: 401, key: 'unauthorized' }
const bearer = (token: string) => ({ keys: null, headers: { authorization: `Bearer ${token}` } })

/** A head, and no byte of the body that it promises. */
async function sendHeadOnly(...headers: string[]): Promise<string> {
  const { hostname, port } = new URL(stage.rollcall.base)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const head = [
    `POST ${BULK} HTTP/1.1`,
    'Host: x',
    'Content-Type: application/json',
    'Content-Length: 10485760',
  ]
  socket.write(`${[...head, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`)
  return text(socket)
}

async function tokenFor(scope: string): Promise<string> {
  const { appId, appToken } = stage.rollcall.keys
  const answer = await stage.call('POST', '/v1/oauth/token', {
    keys: null,
    headers: {
      authorization: `Basic ${Buffer.from(`${appId}:${appToken}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: `grant_type=client_credentials&scope=${scope}`,
  })
  return String(answer.body['access_token'])
}

describe('Who is not known', () => {
  it('B1 without credentials: 401 before a byte of the body', async () => {
    const before = await stage.contents()
    const answer = await sendHeadOnly()
    expect(answer).toMatch(/^HTTP\/1\.1 401 /)
    expect(answer).toMatch(/\r\nWWW-Authenticate: Bearer/i)
    await stage.expectUnchanged(before)
  })

  it.each([
    ['an unknown token', 'x'.repeat(50)],
    ['8 KB of junk', 'j'.repeat(8_000)],
    ['a token of two words', 'a b'],
    ['a token with a quote', `a"'--`],
  ])('B2 %s: 401', async (_, token) => {
    const { text } = await stage.expectRefused(
      () => stage.call('GET', '/v1/customers', bearer(token)),
      unknown,
    )
    expect(text).not.toContain(token)
  })

  it('B2 a token that was revoked: 401', async () => {
    const token = await tokenFor('api')
    expect((await stage.call('GET', '/v1/customers', bearer(token))).status).toBe(200)
    const { appId, appToken } = stage.rollcall.keys
    await stage.call('POST', '/v1/oauth/token/revoke', {
      keys: { appId, appToken },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `token=${token}`,
    })
    await stage.expectRefused(() => stage.call('GET', '/v1/customers', bearer(token)), unknown)
  })

  it.each([
    ['a NUL', 'a\0b'],
    ['bytes beyond ASCII', 'tökén'],
  ])('B2 %s in a token: refused', async (_, token) => {
    const before = await stage.contents()
    const answer = await sendRaw(stage.rollcall.base, [
      'GET /v1/customers HTTP/1.1',
      'Host: x',
      'Connection: close',
      `Authorization: Bearer ${token}`,
    ])
    expect([400, 401]).toContain(answer.status)
    await stage.expectUnchanged(before)
  })

  it.each([
    ['another scheme', 'Digest x'],
    ['a scheme alone', 'Bearer'],
    ['Basic for what takes a token', `Basic ${Buffer.from('a:b').toString('base64')}`],
  ])('B3 %s: 401', async (_, authorization) => {
    const send = () => stage.call('GET', '/v1/customers', { keys: null, headers: { authorization } })
    await stage.expectRefused(send, unknown)
  })

  it('B3 two Authorization headers: 400', async () => {
    const before = await stage.contents()
    const answer = await sendRaw(stage.rollcall.base, [
      'GET /v1/customers HTTP/1.1',
      'Host: x',
      'Connection: close',
      'Authorization: Bearer a',
      'Authorization: Bearer b',
    ])
    expect(answer.status).toBe(400)
    await stage.expectUnchanged(before)
  })

  it('B4 a good token in the query or in the body counts for nothing: 401', async () => {
    const token = await tokenFor('api')
    const inQuery = () => stage.call('GET', `/v1/customers?access_token=${token}`, { keys: null })
    await stage.expectRefused(inQuery, unknown)
    const inBody = () => stage.call('POST', BULK, { keys: null, body: { access_token: token } })
    await stage.expectRefused(inBody, unknown)
  })

  it('B5 a token without the scope: 403', async () => {
    const token = await tokenFor('async-actions')
    const send = () => stage.call('POST', BULK, { ...bearer(token), body: [] })
    await stage.expectRefused(send, { status: 403 })
  })
})

describe('What is not there', () => {
  it('B6 an action of another project is answered as one that never was', async () => {
    const id = await stage.rollcall.bulk([])
    await stage.rollcall.finished(id)
    const other = await stage.rollcall.projects.create('other')
    const path = (action: string) => `/v1/async-actions/${action}`
    const foreign = await stage.call('GET', path(id), { keys: other })
    const absent = await stage.call('GET', path('aa_000000000000000000'), { keys: other })
    const plain = ({ text }: { text: string }, name: string) =>
      text.replaceAll(name, 'ID').replace(/"request_id":"[^"]+"/, '')
    expect([foreign.status, absent.status]).toEqual([404, 404])
    expect(plain(foreign, id)).toBe(plain(absent, 'aa_000000000000000000'))
  })

  it.each([
    ['a uuid', '0b8f1f3e-7c0e-4f5e-9d55-3a8f64c6a111'],
    ['an escaped way up', '..%2F..%2Fetc%2Fpasswd'],
    ['an escaped NUL', '%00'],
    ['10 KB', 'x'.repeat(10_000)],
  ])('B6 %s for the id of an action: 404', async (_, id) => {
    await stage.expectRefused(() => stage.call('GET', `/v1/async-actions/${id}`), {
      status: 404,
      key: 'not_found',
    })
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'])(
    'B7 %s where only POST is: 405 with what there is',
    async (method) => {
      const answer = await stage.expectRefused(() => stage.call(method, BULK), {
        status: 405,
        key: 'method_not_allowed',
      })
      expect(answer.headers.get('allow')).toMatch(/POST/)
    },
  )
})
