import { randomBytes } from 'node:crypto'
import { Rollcall } from '../support/rollcall.js'

const PATH = '/v1/customers/metadata/async'
const LIMIT = 10_485_760

describe('POST /v1/customers/metadata/async', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start()
  })
  afterAll(() => rollcall.stop())

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    rollcall.call('POST', PATH, { body, headers })
  const run = async (body: unknown) => {
    const answer = await post(body)
    expect([answer.status, answer.text]).toEqual([202, expect.any(String) as string])
    return rollcall.finished(String(answer.body['async_action_id']))
  }
  const customer = async (sourceId: string) =>
    (await rollcall.call('GET', `/v1/customers/${encodeURIComponent(sourceId)}`)).body

  it('answers 202 with the id of the action and nothing else', async () => {
    const answer = await post({ source_ids: ['first'], metadata: { a: 1 } })
    expect(answer.status).toBe(202)
    expect(answer.body).toEqual({ async_action_id: expect.stringMatching(/^aa_[0-9a-f]{18}$/) as string })
  })

  it('gives all the customers the metadata, those that are not there yet too', async () => {
    await rollcall.finished(
      await rollcall.bulk([{ source_id: 'known', name: 'K', metadata: { kept: [1], test: 1 } }]),
    )
    const action = await run({
      source_ids: ['known', 'unknown', 'known'],
      metadata: { test: null, deep: { a: [1] } },
    })
    expect(action).toMatchObject({
      type: 'CUSTOMERS.METADATA_UPDATE',
      status: 'DONE',
      operation_status: 'SUCCESS',
      progress: 100,
    })
    expect(action.result).toEqual({
      done_count: 3,
      failed_count: 0,
      reports: [expect.stringMatching(/^http/)],
      reports_available_till: expect.any(String) as string,
      errors: [],
    })
    expect(await rollcall.reportText(action)).toBe(
      'source_id,found,updated,key,message,details\r\nknown,true,true,,,\r\nunknown,false,true,,,\r\nknown,true,false,,,\r\n',
    )
    expect(await customer('known')).toMatchObject({
      name: 'K',
      metadata: { kept: [1], test: null, deep: { a: [1] } },
    })
    expect((await customer('unknown'))['metadata']).toEqual({ test: null, deep: { a: [1] } })
  })

  it('takes source_ids exactly as they are', async () => {
    const ids = [
      'Exact',
      'exact',
      'exact ',
      'caf\u00e9',
      'cafe\u0301',
      '__proto__',
      'toString',
      ' ',
      'a\u200bb',
    ]
    await run({ source_ids: ids, metadata: { x: 1 } })
    for (const id of ids) expect(await customer(id)).toMatchObject({ source_id: id, metadata: { x: 1 } })
  })

  it('fails a source_id that no customer can have alone, and names it', async () => {
    const action = await run({
      source_ids: ['good', 'nul\0', 'lone\ud800', 'x'.repeat(256), 'x'.repeat(255)],
      metadata: { a: 1 },
    })
    expect(action).toMatchObject({ status: 'DONE', operation_status: 'FAILED' })
    expect(action.result).toMatchObject({ done_count: 2, failed_count: 3 })
    expect(action.result?.errors.map(({ source_id, key }) => [source_id, key])).toEqual([
      ['nul\0', 'invalid_customer'],
      ['lone\ud800', 'invalid_customer'],
      ['x'.repeat(256), 'invalid_customer'],
    ])
    expect(Object.keys(action.result?.errors[0] ?? {}).sort()).toEqual([
      'details',
      'key',
      'message',
      'source_id',
    ])
  })

  it.each([
    ['not_enough_source_ids', 'Not enough source_ids', 'Specify at least 1 source_id', { metadata: {} }],
    [
      'not_enough_source_ids',
      'Not enough source_ids',
      'Specify at least 1 source_id',
      { source_ids: [], metadata: {} },
    ],
    [
      'invalid_payload',
      'Invalid payload',
      "Payload should have required property 'metadata'",
      { source_ids: ['a'] },
    ],
    [
      'invalid_payload',
      'Invalid payload',
      'Property .source_ids[1] must be string',
      { source_ids: ['a', 1], metadata: {} },
    ],
    [
      'metadata_validation_failed',
      'Metadata validation failed',
      'Property .metadata must not have the key constructor',
      { source_ids: ['a'], metadata: { constructor: 1 } },
    ],
    ['invalid_payload', 'Invalid payload', 'Payload should be a JSON object', []],
    [
      'invalid_payload',
      'Invalid payload',
      'Payload is not valid JSON at byte 20 (line 1, column 21)',
      '{"source_ids":["a"],}',
    ],
    ['invalid_payload', 'Invalid payload', 'Payload should be a JSON object, but the body is empty', ''],
    [
      'invalid_payload',
      'Invalid payload',
      'Payload is nested deeper than 10000 levels',
      '['.repeat(5_000_000),
    ],
  ])('answers 400 %s and stores nothing (%#)', async (key, message, details, body) => {
    const actions = await rollcall.query('SELECT FROM async_actions')
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.body).toEqual({
      code: 400,
      key,
      message,
      details,
      request_id: answer.headers.get('x-voucherify-request-id'),
    })
    expect(await rollcall.query('SELECT FROM async_actions')).toHaveLength(actions.length)
  })

  it('takes exactly 10,485,760 bytes, and answers one more with 413', async () => {
    const body = JSON.stringify({ source_ids: ['padded'], metadata: { a: 1 } })
    expect((await run(body.padEnd(LIMIT))).result).toMatchObject({ done_count: 1 })
    const answer = await post(body.padEnd(LIMIT + 1))
    expect([answer.status, answer.body]).toEqual([
      413,
      {
        statusCode: 413,
        error: 'Request Entity Too Large',
        message: 'Payload content length greater than maximum allowed: 10485760',
      },
    ])
  })

  it.each(['text/plain', 'application/json; charset=utf-16', 'multipart/form-data; boundary=x'])(
    'answers content type %j with 415',
    async (type) => {
      expect((await post('{}', { 'content-type': type })).status).toBe(415)
    },
  )

  it('asks for credentials before anything else', async () => {
    expect((await rollcall.call('POST', PATH, { keys: null, body: 'x' })).status).toBe(401)
  })

  it('takes its turn among the bulk requests of the project', async () => {
    const many = Array.from({ length: 6_000 }, (_, n) => `turn-${n}`)
    const before = await rollcall.bulk(many.map((source_id) => ({ source_id, metadata: { turn: 1 } })))
    const update = await post({ source_ids: many, metadata: { turn: 2, seen: true } })
    const after = await rollcall.bulk(many.map((source_id) => ({ source_id, metadata: { turn: 3 } })))
    const ids = [before, String(update.body['async_action_id']), after]
    await rollcall.finished(after)
    const actions = await Promise.all(ids.map((id) => rollcall.action(id)))
    expect(actions.map(({ result }) => result?.done_count)).toEqual([6_000, 6_000, 6_000])
    const documents = await rollcall.query<{ metadata: string; count: number }>(
      `SELECT document::json->>'metadata' AS metadata, count(*)::int FROM customers WHERE source_id LIKE 'turn-%' GROUP BY 1`,
    )
    expect(documents).toEqual([{ metadata: '{"turn":3,"seen":true}', count: 6_000 }])
    const report = await rollcall.report(actions[1] as (typeof actions)[number])
    expect(report.map(({ source_id }) => source_id)).toEqual(many)
    expect(new Set(report.map(({ found, updated }) => `${found}${updated}`))).toEqual(new Set(['truetrue']))
  })

  it('carries out what stands for far more than it is: large metadata for many', async () => {
    // Random, so that it cannot be packed well: what is packed lies between the thread that cuts and who stores it.
    const metadata = Object.fromEntries(
      Array.from({ length: 125 }, (_, n) => [`key ${n}`, randomBytes(1_500).toString('base64')]),
    )
    const ids = Array.from({ length: 300 }, (_, n) => `large-${n}`)
    const action = await run({ source_ids: ids, metadata })
    expect(action.result).toMatchObject({ done_count: 300, failed_count: 0 })
    expect((await rollcall.report(action)).map(({ source_id }) => source_id)).toEqual(ids)
    expect((await customer('large-299'))['metadata']).toEqual(metadata)
    const [stored] = await rollcall.query<{ payload_bytes: string }>(
      'SELECT payload_bytes FROM async_actions WHERE id = $1',
      [action.id],
    )
    expect(Number(stored?.payload_bytes)).toBeGreaterThan(16_777_216)
  })

  it('is what the official client means', async () => {
    const client = rollcall.client()
    const { async_action_id: id } = await client.customers.updateMetadataInBulk({
      source_ids: ['sdk-meta'],
      metadata: { test: 123 },
    })
    await rollcall.finished(id)
    expect(await client.customers.get('sdk-meta')).toMatchObject({ metadata: { test: 123 } })
    const again = await client.customers.updateMetadataInBulk({
      source_ids: ['sdk-meta'],
      metadata: { test: null },
    })
    await rollcall.finished(again.async_action_id)
    expect(await client.customers.get('sdk-meta')).toMatchObject({ metadata: { test: null } })
  })
})
