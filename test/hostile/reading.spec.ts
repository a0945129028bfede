import { sendRaw } from '../support/raw-http.js'
import { Stage } from './stage.js'

let stage: Stage
let actionId: string
let link: URL

beforeAll(async () => {
  stage = await Stage.start()
  actionId = await stage.rollcall.bulk([{ source_id: 'a' }, { source_id: 'b' }])
  const { result } = await stage.rollcall.finished(actionId)
  link = new URL(result?.reports[0] ?? '')
})
afterAll(() => stage.stop())

const get = (path: string) => stage.call('GET', path)

/** The link of a report, with something about it changed. */
const download = (change: (url: URL) => void) => {
  const url = new URL(link)
  change(url)
  return stage.call('GET', url.pathname + url.search, { keys: null })
}

describe('Reading', () => {
  it('B67 an action conditionally, by its head alone, or with more parameters than it has', async () => {
    const path = `/v1/async-actions/${actionId}`
    const { appId, appToken } = stage.rollcall.keys
    // Not by fetch, which tells caches to look away as soon as a condition is set by hand.
    const conditionally = (etag: string) =>
      sendRaw(stage.rollcall.base, [
        ...[`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close', `If-None-Match: ${etag}`],
        ...[`X-App-Id: ${appId}`, `X-App-Token: ${appToken}`],
      ])
    const { status, headers } = await conditionally('"other"')
    expect(status).toBe(200)
    expect((await conditionally(headers['etag'] ?? '')).status).toBe(304)
    expect((await stage.call('HEAD', path)).status).toBe(200)
    expect((await get(`${path}?x=1&x=2`)).status).toBe(200)
  })

  it.each([
    '/v1/customers?limit=0',
    '/v1/customers?limit=-1',
    '/v1/customers?limit=1000000000',
    '/v1/customers?limit=abc',
    '/v1/customers?page=-1',
    '/v1/customers?order=;drop',
    '/v1/async-actions?limit=abc',
    '/v1/async-actions?end_date=yesterday',
  ])('B68 %s: 400', async (path) => {
    await stage.expectRefused(() => get(path), { status: 400 })
  })

  it.each([
    '/v1/customers?starting_after=garbage',
    '/v1/async-actions?starting_after_id=aa_000000000000000000',
  ])('B68 a cursor that leads nowhere, %s: told, or an empty page', async (path) => {
    const before = await stage.contents()
    expect([200, 400, 404]).toContain((await get(path)).status)
    await stage.expectUnchanged(before)
  })

  it('B68 a cursor of another project leads nowhere', async () => {
    const other = await stage.rollcall.projects.create('other')
    const answer = await stage.call('GET', `/v1/async-actions?starting_after_id=${actionId}`, { keys: other })
    expect(answer.text).not.toContain(actionId)
    expect([200, 400, 404]).toContain(answer.status)
  })

  it.each<[string, (url: URL) => void]>([
    [
      'another signature',
      (url) => {
        url.searchParams.set('token', `${url.searchParams.get('token') ?? ''}x`)
      },
    ],
    [
      'a signature with one letter changed',
      (url) => {
        const token = url.searchParams.get('token') ?? ''
        url.searchParams.set('token', (token.startsWith('A') ? 'B' : 'A') + token.slice(1))
      },
    ],
    [
      'no signature',
      (url) => {
        url.searchParams.delete('token')
      },
    ],
    [
      'the id of another action',
      (url) => {
        url.pathname = url.pathname.replace(actionId, 'aa_000000000000000000')
      },
    ],
  ])('B69 a report’s link with %s: 401', async (_, change) => {
    await stage.expectRefused(() => download(change), { status: 401 })
  })

  it('B69 a report’s link works as often as it is followed, until it ends: 404', async () => {
    const again = await Promise.all([download(() => undefined), download(() => undefined)])
    expect(again.map(({ status }) => status)).toEqual([200, 200])
    await stage.rollcall.query(
      `UPDATE async_actions SET reports_available_till = now() - interval '1 second'`,
    )
    await stage.expectRefused(() => download(() => undefined), { status: 404 })
  })

  it('B70 an action that has not ended: it has no report yet', async () => {
    await stage.rollcall.stopWorkers()
    const id = await stage.rollcall.bulk([{ source_id: 'waiting' }])
    const { body } = await get(`/v1/async-actions/${id}`)
    expect(body).toMatchObject({ status: 'ENQUEUED', progress: 0 })
    expect(body['result'] ?? null).toBeNull()
  })
})
