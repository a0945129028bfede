import { gzipSync } from 'node:zlib'
import { sendRaw } from '../support/raw-http.js'
import { BULK, LARGEST_BODY, type Refusal, Stage } from './stage.js'

let stage: Stage

beforeAll(async () => {
  stage = await Stage.start()
})
afterAll(() => stage.stop())

const refused = (details?: string | RegExp): Refusal => ({
  status: 400,
  key: 'invalid_payload',
  ...(details !== undefined && { details }),
})
const unsupported: Refusal = { status: 415, key: 'unsupported_media_type' }
const good = '[{"source_id":"a"}]'
/** A valid body of so many bytes, of one row with nothing but blanks behind it. */
const padded = (bytes: number): string => `[${' '.repeat(bytes - 2)}]`

const head = (...headers: string[]) => [
  `POST ${BULK} HTTP/1.1`,
  'Host: x',
  'Connection: close',
  `X-App-Id: ${stage.rollcall.keys.appId}`,
  `X-App-Token: ${stage.rollcall.keys.appToken}`,
  ...headers,
]

describe('A body', () => {
  it('B8 that is missing: 400', async () => {
    await stage.expectRefused(
      () => stage.post(''),
      refused('Payload should be a JSON array of customers, but the body is empty'),
    )
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'B9 of the type “%s”: 415',
    async (type) => {
      await stage.expectRefused(() => stage.post(good, { 'content-type': type }), unsupported)
    },
  )

  it.each(['utf-16', 'iso-8859-1', 'utf-16le'])('B10 in %s: 415', async (charset) => {
    const headers = { 'content-type': `application/json; charset=${charset}` }
    await stage.expectRefused(() => stage.post(good, headers), unsupported)
  })

  it('B11 in UTF-8, named in any way: 202; of a type of its own: 415', async () => {
    const answer = await stage.post('[]', { 'content-type': 'application/json;charset=UTF-8' })
    expect(answer.status).toBe(202)
    await stage.rollcall.finished(String(answer.body['async_action_id']))
    const headers = { 'content-type': 'application/vnd.x+json' }
    await stage.expectRefused(() => stage.post(good, headers), unsupported)
  })

  it.each([
    ['cut off', '[{"source_id":"a"', /byte 17/],
    ['with a trailing comma', '[{"source_id":"a"},]', /byte 19/],
    ['in single quotes', `[{'source_id':'a'}]`, /byte 2/],
    ['with NaN', '[{"source_id":"a","metadata":{"n":NaN}}]', /byte 34/],
    ['with a comment', '[/* */{"source_id":"a"}]', /byte 1\b/],
    ['with a line break in a text', '[{"source_id":"a\nb"}]', /byte 16/],
  ])('B12 %s: 400, with the place', async (_, body, place) => {
    const { text } = await stage.expectRefused(() => stage.post(body), refused(place))
    expect(text).not.toContain(body)
  })

  it('B13 with a byte order mark is taken as if it had none', async () => {
    const answer = await stage.post(`\ufeff[{"source_id":"marked"}]`)
    expect(answer.status).toBe(202)
    await stage.rollcall.finished(String(answer.body['async_action_id']))
    expect((await stage.call('GET', '/v1/customers/marked')).status).toBe(200)
  })

  it.each([
    ['no UTF-8', 'fffec0'],
    ['half a pair, encoded', 'eda080'],
    ['an overlong slash', 'c0af'],
  ])('B14 with bytes that are %s: 400', async (_, hex) => {
    const body = Buffer.concat([Buffer.from('[{"source_id":"'), Buffer.from(hex, 'hex'), Buffer.from('"}]')])
    await stage.expectRefused(() => stage.post(body), refused('Payload is not valid UTF-8'))
  })

  it.each(['null', '5', '"x"', 'true'])('B15 that is %s: 400', async (body) => {
    await stage.expectRefused(() => stage.post(body), refused('Payload should be a JSON array of customers'))
  })

  it.each(['{}', '{"customers":[{"source_id":"a"}]}'])('B16 that is an object, %s: 400', async (body) => {
    await stage.expectRefused(() => stage.post(body), refused('Payload should be a JSON array of customers'))
  })

  it('B17 that is an empty array: 202, and done with nothing', async () => {
    const id = await stage.rollcall.bulk([])
    const action = await stage.rollcall.finished(id)
    expect(action).toMatchObject({ status: 'DONE', result: { done_count: 0, failed_count: 0 } })
  })

  it('B18 of exactly 10,485,760 bytes: 202', async () => {
    const answer = await stage.post(padded(LARGEST_BODY))
    expect(answer.status).toBe(202)
    await stage.rollcall.finished(String(answer.body['async_action_id']))
  })

  it('B19 of one byte more: 413', async () => {
    await stage.expectRefused(() => stage.post(padded(LARGEST_BODY + 1)), { status: 413 })
  })

  it('B19 of unknown length that goes on and on: 413 while it comes', async () => {
    const before = await stage.contents()
    const piece = `100000\r\n${' '.repeat(0x100000)}\r\n`
    const lines = head('Content-Type: application/json', 'Transfer-Encoding: chunked')
    expect((await sendRaw(stage.rollcall.base, lines, piece.repeat(11))).status).toBe(413)
    await stage.expectUnchanged(before)
  })

  it('B19 that is longer than it said: it is what was said, and no request is made of the rest', async () => {
    const lines = head('Content-Type: application/json', 'Content-Length: 2')
    const { status, headers, body } = await sendRaw(stage.rollcall.base, lines, '[]{"source_id":"smuggled"}')
    expect([status, headers['connection']]).toEqual([202, 'close'])
    const { async_action_id: id } = JSON.parse(body) as { async_action_id: string }
    expect(await stage.rollcall.finished(id)).toMatchObject({ status: 'DONE', result: { done_count: 0 } })
    expect((await stage.call('GET', '/v1/customers/smuggled')).status).toBe(404)
  })

  it.each([
    ['an absurd length', 'Content-Length: 99999999999'],
    [
      'an absurd length, and the wish to be asked for it',
      'Content-Length: 99999999999\r\nExpect: 100-continue',
    ],
  ])('B20 with %s: 413 before it is read', async (_, headers) => {
    const before = await stage.contents()
    const answer = await sendRaw(stage.rollcall.base, head('Content-Type: application/json', headers))
    expect(answer.status).toBe(413)
    await stage.expectUnchanged(before)
  })

  it.each([
    ['B21', 'gzip', gzipSync(good)],
    ['B22', 'gzip', gzipSync(Buffer.alloc(20_000_000))],
    ['B22', 'gzip, gzip', gzipSync(gzipSync(good))],
    ['B22', 'gzip', Buffer.from('no gzip at all')],
    ['B23', 'br', Buffer.from(good)],
    ['B23', 'zstd', Buffer.from(good)],
    ['B23', 'rot13', Buffer.from(good)],
  ])('%s encoded as %s: 415', async (_, encoding, body) => {
    await stage.expectRefused(() => stage.post(body, { 'content-encoding': encoding }), unsupported)
  })

  it('B24 of five million opening brackets: 400', async () => {
    await stage.expectRefused(
      () => stage.post('['.repeat(5_000_000)),
      refused('Payload[0] is nested deeper than 10000 levels'),
    )
  })

  it('B25 of 3.4 million empty objects: 400', async () => {
    await stage.expectRefused(
      () => stage.post(`[${'{},'.repeat(3_400_000)}{}]`),
      refused('Payload has more than 600000 items'),
    )
  })

  it('B26 of more rows than anybody sends: 202, and all of them are accounted for', async () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => `{"source_id":"m${n}"}`)
    const answer = await stage.post(`[${rows.join()}]`)
    const action = await stage.rollcall.finished(String(answer.body['async_action_id']))
    expect(action).toMatchObject({ status: 'DONE', result: { done_count: 100_000, failed_count: 0 } })
  })

  it('B27 of one enormous row: that row fails', async () => {
    await stage.expectRowRefused(
      { source_id: stage.id(), description: 'x'.repeat(9_900_000) },
      'invalid_customer',
    )
  })

  it.each([
    ['null', '[{"source_id":"a"},null]', 'Payload[1] should be an object'],
    ['a number', '[1]', 'Payload[0] should be an object'],
    ['a text', '["a"]', 'Payload[0] should be an object'],
    ['an array', '[[]]', 'Payload[0] should be an object'],
    ['true', '[true]', 'Payload[0] should be an object'],
  ])('B30 with a row that is %s: 400 naming it', async (_, body, details) => {
    await stage.expectRefused(() => stage.post(body), refused(details))
  })

  it.each([
    ['none', '[{"name":"x"}]', "Payload[0] should have required property 'source_id'"],
    ['null', '[{"source_id":null}]', "Payload[0] should have required property 'source_id'"],
    ['an empty text', '[{"source_id":""}]', "Payload[0] should have required property 'source_id'"],
  ])('B31 with a source_id that is %s: 400 naming the row', async (_, body, details) => {
    await stage.expectRefused(() => stage.post(body), refused(details))
  })

  it.each(['1', 'true', '{}', '[]'])(
    'B32 with a source_id that is %s: 400, and no text is made of it',
    async (id) => {
      await stage.expectRefused(
        () => stage.post(`[{"source_id":"a"},{"source_id":${id}}]`),
        refused('Property .source_id of Payload[1] must be string'),
      )
    },
  )
})
