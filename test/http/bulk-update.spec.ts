import { Rollcall } from '../support/rollcall.js'

const LIMIT = 10_485_760

describe('POST /v1/customers/bulk/async', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start()
  })
  afterAll(() => rollcall.stop())

  const run = async (customers: unknown) => rollcall.finished(await rollcall.bulk(customers))
  const results = async (customers: unknown) =>
    (await rollcall.report(await run(customers))).map(({ source_id, found, updated }) => [
      source_id,
      found,
      updated,
    ])
  const chunksOf = async (id: string) => {
    const [row] = await rollcall.query<{ chunk_count: number }>(
      'SELECT chunk_count FROM async_actions WHERE id = $1',
      [id],
    )
    return row?.chunk_count
  }
  const customer = async (sourceId: string) =>
    (await rollcall.call('GET', `/v1/customers/${encodeURIComponent(sourceId)}`)).body

  describe('accepting', () => {
    it('answers 202 with the id of the action and nothing else', async () => {
      const answer = await rollcall.call('POST', '/v1/customers/bulk/async', { body: [{ source_id: 'one' }] })
      expect(answer.status).toBe(202)
      expect(answer.body).toEqual({ async_action_id: expect.stringMatching(/^aa_[0-9a-f]{18}$/) as string })
      expect(answer.headers.get('content-type')).toMatch('application/json')
    })

    it('shows the action at once', async () => {
      const id = await rollcall.bulk([{ source_id: 'at once' }])
      expect(['ENQUEUED', 'IN_PROGRESS', 'DONE']).toContain((await rollcall.action(id)).status)
    })

    it('takes an empty array and is done with it', async () => {
      const action = await run([])
      expect(action).toMatchObject({ status: 'DONE', operation_status: 'SUCCESS', progress: 100 })
      expect(action.result).toMatchObject({ done_count: 0, failed_count: 0, errors: [] })
      expect(await rollcall.reportText(action)).toBe('source_id,found,updated,key,message,details\r\n')
    })

    it('takes exactly 10,485,760 bytes', async () => {
      const rows = JSON.stringify([{ source_id: 'padded' }])
      const action = await run(rows.padEnd(LIMIT))
      expect(action.result).toMatchObject({ done_count: 1, failed_count: 0 })
    })

    it('answers one byte more with 413 in its own shape', async () => {
      const body = JSON.stringify([{ source_id: 'too long' }]).padEnd(LIMIT + 1)
      const answer = await rollcall.call('POST', '/v1/customers/bulk/async', { body })
      expect(answer.status).toBe(413)
      expect(answer.body).toEqual({
        statusCode: 413,
        error: 'Request Entity Too Large',
        message: 'Payload content length greater than maximum allowed: 10485760',
      })
    })

    it('answers 413 to a body of unknown length as soon as it is too long', async () => {
      const megabyte = Buffer.alloc(1_048_576, ' ')
      const body = new ReadableStream({
        pull: (controller) => {
          controller.enqueue(megabyte)
          sent++
          if (sent > 10) controller.close()
        },
      })
      let sent = 0
      const answer = await fetch(`${rollcall.base}/v1/customers/bulk/async`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-app-id': rollcall.keys.appId,
          'x-app-token': rollcall.keys.appToken,
        },
        body,
        duplex: 'half',
      })
      expect(answer.status).toBe(413)
    })

    it.each<[string, string | Buffer]>([
      ['Payload should be a JSON array of customers', '{'],
      ['Payload should be a JSON array of customers', '{}'],
      ['Payload should be a JSON array of customers', '5'],
      ['Payload should be a JSON array of customers', 'null'],
      ['Payload should be a JSON array of customers, but the body is empty', ''],
      ['Payload ends before its array is closed: it stops being JSON at byte 1 (line 1, column 2)', '['],
      [
        'Payload ends before its array is closed: it stops being JSON at byte 18 (line 1, column 19)',
        '[{"source_id":"a"}',
      ],
      [
        'Payload has something after its array: it stops being JSON at byte 20 (line 1, column 21)',
        '[{"source_id":"a"}] x',
      ],
      ['Payload[1] is not valid JSON at byte 19 (line 1, column 20)', '[{"source_id":"a"},]'],
      [
        'Payload[1] is not valid JSON at byte 33 (line 2, column 14)',
        '[{"source_id":"a"},\n{"source_id":NaN}]',
      ],
      ['Payload[0] should be an object', '[1]'],
      ['Payload[1] should be an object', '[{"source_id":"a"},null]'],
      ['Payload[1] should be an object', '[{"source_id":"a"},[]]'],
      ["Payload[0] should have required property 'source_id'", '[{"name":"x"}]'],
      ["Payload[1] should have required property 'source_id'", '[{"source_id":"a"},{"source_id":""}]'],
      ["Payload[0] should have required property 'source_id'", '[{"source_id":null}]'],
      ['Property .source_id of Payload[0] must be string', '[{"source_id":5}]'],
      ['Payload is not valid UTF-8', Buffer.from('5b7b22736f757263655f6964223a22ff227d5d', 'hex')],
      ['Payload[0] is nested deeper than 10000 levels', '['.repeat(10_001)],
      ['Payload has more than 600000 items', `[${'{},'.repeat(600_000)}{}]`],
    ])('answers 400 “%s”, and stores nothing', async (details, body) => {
      const actions = await rollcall.query('SELECT FROM async_actions')
      const answer = await rollcall.call('POST', '/v1/customers/bulk/async', { body })
      expect(answer.status).toBe(400)
      expect(answer.body).toEqual({
        code: 400,
        key: 'invalid_payload',
        message: 'Invalid payload',
        details,
        request_id: answer.headers.get('x-voucherify-request-id'),
      })
      expect(await rollcall.query('SELECT FROM async_actions')).toHaveLength(actions.length)
      expect(
        await rollcall.query(
          'SELECT FROM async_action_payloads WHERE async_action_id NOT IN (SELECT id FROM async_actions)',
        ),
      ).toEqual([])
    })

    it.each(['text/plain', 'multipart/form-data', 'application/json; charset=utf-16', ''])(
      'answers content type %j with 415',
      async (type) => {
        const answer = await rollcall.call('POST', '/v1/customers/bulk/async', {
          body: '[]',
          headers: { 'content-type': type },
        })
        expect(answer.status).toBe(415)
      },
    )

    it('takes a byte order mark', async () => {
      expect((await run('\ufeff[{"source_id":"marked"}]')).result).toMatchObject({ done_count: 1 })
    })
  })

  describe('effect', () => {
    it('upserts unknown customers and tells found and updated of each row', async () => {
      expect(
        await results([
          { source_id: 'new' },
          { source_id: 'new', name: 'N' },
          { source_id: 'new', name: 'N' },
        ]),
      ).toEqual([
        ['new', 'false', 'true'],
        ['new', 'true', 'true'],
        ['new', 'true', 'false'],
      ])
    })

    it('keeps what is absent, clears what is null, merges address and metadata by key', async () => {
      await run([
        {
          source_id: 'merge',
          name: 'Name',
          email: 'e@x.y',
          birthday: '2000-01-01',
          address: { city: 'Rome', country: 'IT' },
          metadata: { kept: [1], replaced: { deep: 1 }, nulled: 1 },
        },
      ])
      await run([
        {
          source_id: 'merge',
          name: null,
          birthdate: '2001-02-03T23:59:59Z',
          address: { city: null, unknown: 'ignored' },
          metadata: { replaced: { other: 2 }, nulled: null },
          id: 'ignored',
          created_at: 'ignored',
        },
      ])
      const merged = await customer('merge')
      expect(merged).toMatchObject({
        source_id: 'merge',
        email: 'e@x.y',
        birthday: '2000-01-01',
        birthdate: '2001-02-03',
        address: { city: null, country: 'IT' },
        metadata: { kept: [1], replaced: { other: 2 }, nulled: null },
        object: 'customer',
      })
      expect(merged).not.toHaveProperty('name')
      expect(merged['metadata']).toEqual({ kept: [1], replaced: { other: 2 }, nulled: null })
      expect(merged['id']).toMatch(/^cust_[0-9A-Za-z]{24}$/)
    })

    it('shows a fresh customer with a null address and without what was never set', async () => {
      await run([{ source_id: 'fresh' }])
      const fresh = await customer('fresh')
      expect(fresh['address']).toBeNull()
      for (const absent of ['metadata', 'name', 'updated_at']) expect(fresh).not.toHaveProperty(absent)
      expect(fresh['created_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    })

    it('leaves updated_at alone when nothing changes', async () => {
      await run([{ source_id: 'still', name: 'S' }])
      await run([{ source_id: 'still', name: 'S' }])
      expect(await customer('still')).not.toHaveProperty('updated_at')
    })

    it('compares source_id exactly', async () => {
      const ids = [
        'Exact',
        'exact',
        ' exact',
        'exact ',
        'caf\u00e9',
        'cafe\u0301',
        '__proto__',
        'constructor',
        ' ',
        "';--",
        'a/b?c#d',
      ]
      expect(await results(ids.map((source_id) => ({ source_id })))).toEqual(
        ids.map((id) => [id, 'false', 'true']),
      )
      for (const id of ids) expect((await customer(id))['source_id']).toBe(id)
    })

    it('gives every customer a created_at of its own', async () => {
      await run(Array.from({ length: 2_000 }, (_, n) => ({ source_id: `clock-${n}` })))
      const [row] = await rollcall.query<{ total: string; distinct: string }>(
        'SELECT count(*) AS total, count(DISTINCT created_at) AS distinct FROM customers',
      )
      expect(row?.distinct).toBe(row?.total)
    })

    it('fails a bad row alone and names it in result and report', async () => {
      await run([{ source_id: 'existing' }])
      const action = await run([
        { source_id: 'good-1', name: 'A' },
        { source_id: 'bad-1', birthdate: '2023-02-30' },
        { source_id: 'existing', name: 7 },
        { source_id: 'nul\0', name: 'x' },
        { source_id: 'lone\ud800', name: 'x' },
        { source_id: 'bad-2', metadata: JSON.parse('{"__proto__": 1}') as unknown },
        { source_id: 'good-2', name: 'B' },
      ])
      expect(action).toMatchObject({ status: 'DONE', operation_status: 'FAILED' })
      expect(action.result).toMatchObject({ done_count: 2, failed_count: 5 })
      expect(action.result?.errors.map(({ source_id, key }) => [source_id, key])).toEqual([
        ['bad-1', 'invalid_customer'],
        ['existing', 'invalid_payload'],
        ['nul\0', 'invalid_customer'],
        ['lone\ud800', 'invalid_customer'],
        ['bad-2', 'metadata_validation_failed'],
      ])
      expect(
        (await rollcall.report(action)).map(({ source_id, found, updated }) => [source_id, found, updated]),
      ).toEqual([
        ['good-1', 'false', 'true'],
        ['bad-1', 'false', 'false'],
        ['existing', 'true', 'false'],
        ['nul\\u0000', 'false', 'false'],
        ['lone\\ud800', 'false', 'false'],
        ['bad-2', 'false', 'false'],
        ['good-2', 'false', 'true'],
      ])
      expect((await rollcall.call('GET', '/v1/customers/bad-1')).status).toBe(404)
    })

    it('lists the first 1,000 failures in the result and all in the report', async () => {
      // Every third row fails: the first chunk of 2,500 rows has fewer than 1,000 failures, both together have more.
      const rows = Array.from({ length: 5_000 }, (_, n) => ({
        source_id: `f${n}`,
        name: n % 3 === 0 ? n : 'N',
      }))
      const failing = rows.filter(({ name }) => name !== 'N').map(({ source_id }) => source_id)
      const action = await run(rows)
      expect(await chunksOf(action.id)).toBe(2)
      expect(action.result?.failed_count).toBe(failing.length)
      expect(action.result?.errors.map(({ source_id }) => source_id)).toEqual(failing.slice(0, 1_000))
      const lines = await rollcall.report(action)
      expect(lines.map(({ source_id }) => source_id)).toEqual(rows.map(({ source_id }) => source_id))
      expect(lines.filter(({ key }) => key !== '').map(({ source_id }) => source_id)).toEqual(failing)
    })

    it('applies 10,000 rows of one customer in their order, over all chunks', async () => {
      const rows = Array.from({ length: 10_000 }, (_, n) => ({
        source_id: 'one of 10,000',
        name: `name ${String(n)}`,
        metadata: { [`k${String(n % 10)}`]: n },
      }))
      const action = await rollcall.finished(await rollcall.bulk(rows))
      expect(action.result).toMatchObject({ done_count: 10_000, failed_count: 0 })
      const report = await rollcall.report(action)
      expect(report.map(({ found }) => found)).toEqual(['false', ...Array<string>(9_999).fill('true')])
      expect(report.every(({ updated }) => updated === 'true')).toBe(true)
      const { body } = await rollcall.call('GET', '/v1/customers/one%20of%2010%2C000')
      expect(body['name']).toBe('name 9999')
      expect(Object.values(body['metadata'] as object)).toEqual(
        Array.from({ length: 10 }, (_, n) => 9_990 + n),
      )
    })

    it('accounts for every row of a request of many chunks, in order', async () => {
      const rows = Array.from({ length: 40_000 }, (_, n) => ({
        source_id: `many-${n}`,
        name: `Customer ${n}`,
      }))
      const action = await run(rows)
      expect(await chunksOf(action.id)).toBe(16)
      expect(action.result).toMatchObject({ done_count: 40_000, failed_count: 0 })
      const ids = rows.map(({ source_id }) => source_id)
      expect((await rollcall.report(action)).map(({ source_id }) => source_id)).toEqual(ids)
      const created = await rollcall.query<{ source_id: string }>(
        `SELECT source_id FROM customers WHERE source_id LIKE 'many-%' ORDER BY created_at`,
      )
      expect(created).toHaveLength(40_000)
      // To compare the lists as such would show a difference of 40,000 lines only after minutes.
      expect(created.findIndex(({ source_id }, place) => source_id !== ids[place])).toBe(-1)
    })
  })

  describe('with the official client', () => {
    it('updates in bulk, follows the action and reads the customer', async () => {
      const client = rollcall.client()
      const { async_action_id: id } = await client.customers.updateInBulk([
        {
          source_id: 'sdk/1 x',
          phone: '+0700',
          metadata: { test: 123 },
          address: { city: 'New York', country: 'US' },
        },
      ])
      await rollcall.finished(id)
      const action = await client.asyncActions.get(id)
      expect(action).toMatchObject({
        id,
        status: 'DONE',
        type: 'CUSTOMERS.BULK_UPDATE',
        object: 'async_action',
      })
      expect(await client.customers.get('sdk/1 x')).toMatchObject({
        source_id: 'sdk/1 x',
        phone: '+0700',
        metadata: { test: 123 },
        address: { city: 'New York', country: 'US' },
      })
    })

    it('understands our errors', async () => {
      await expect(rollcall.client().asyncActions.get('aa_0aeb82bd55d5beffb0')).rejects.toMatchObject({
        code: 404,
        key: 'not_found',
        message: 'Resource not found',
        resource_type: 'async_action',
        resource_id: 'aa_0aeb82bd55d5beffb0',
      })
    })
  })
})
