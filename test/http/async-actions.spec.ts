import { type Action, Rollcall } from '../support/rollcall.js'

interface List {
  object: string
  data_ref: string
  async_actions: Action[]
  has_more: boolean
}

const MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('asynchronous actions', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start()
  })
  afterAll(() => rollcall.stop())

  const list = async (query = '') => (await rollcall.call<List>('GET', `/v1/async-actions${query}`)).body

  describe('GET /v1/async-actions/{id}', () => {
    it('shows all that the contract names', async () => {
      const action = await rollcall.finished(await rollcall.bulk([{ source_id: 'a' }]))
      expect(action).toEqual({
        id: expect.stringMatching(/^aa_[0-9a-f]{18}$/) as string,
        type: 'CUSTOMERS.BULK_UPDATE',
        status: 'DONE',
        operation_status: 'SUCCESS',
        created_at: expect.stringMatching(MILLISECONDS) as string,
        updated_at: expect.stringMatching(MILLISECONDS) as string,
        request_id: expect.stringMatching(/^v-[0-9a-f]{18}$/) as string,
        processing_time: Date.parse(action.updated_at) - Date.parse(action.created_at),
        progress: 100,
        object: 'async_action',
        result: {
          done_count: 1,
          failed_count: 0,
          reports: [
            expect.stringContaining(
              `${rollcall.base}/v1/async-actions/${action.id}/reports/1?token=`,
            ) as string,
          ],
          reports_available_till: expect.stringMatching(MILLISECONDS) as string,
          errors: [],
        },
      })
      const days =
        (Date.parse(action.result?.reports_available_till ?? '') - Date.parse(action.updated_at)) / 86_400_000
      expect(Math.round(days)).toBe(90)
    })

    it('goes from ENQUEUED or IN_PROGRESS to DONE, with progress that never falls', async () => {
      const seen: Action[] = []
      const rows = Array.from({ length: 30_000 }, (_, n) => ({
        source_id: `p${n}`,
        description: 'x'.repeat(100),
      }))
      await rollcall.finished(await rollcall.bulk(rows), rollcall.keys, seen)
      const order = ['ENQUEUED', 'IN_PROGRESS', 'DONE']
      const ranks = seen.map(({ status }) => order.indexOf(status))
      const progress = seen.map((action) => action.progress)
      expect(ranks).not.toContain(-1)
      expect(ranks).toEqual([...ranks].sort((one, other) => one - other))
      expect(progress).toEqual([...progress].sort((one, other) => one - other))
      for (const action of seen.filter(({ status }) => status !== 'DONE')) {
        expect(action.progress).toBeLessThan(100)
        expect(action.operation_status).toBe('UNKNOWN')
        expect(action).not.toHaveProperty('result')
        expect(action).not.toHaveProperty('processing_time')
      }
    })

    it.each(['aa_000000000000000000', 'nonsense', '%00', '..%2f', 'x'.repeat(1_000)])(
      'answers %.30j with 404',
      async (id) => {
        const answer = await rollcall.call('GET', `/v1/async-actions/${id}`)
        expect(answer.status).toBe(404)
        expect(answer.body).toMatchObject({
          code: 404,
          key: 'not_found',
          resource_type: 'async_action',
          resource_id: decodeURIComponent(id),
        })
      },
    )
  })

  describe('GET /v1/async-actions', () => {
    const ids: string[] = []

    beforeAll(async () => {
      for (let n = 0; n < 12; n++) ids.unshift(await rollcall.bulk([{ source_id: `listed-${n}` }]))
      for (const id of ids) await rollcall.finished(id)
    })

    it('lists ten of them, newest first, without results', async () => {
      const page = await list()
      expect(page).toMatchObject({ object: 'list', data_ref: 'async_actions', has_more: true })
      expect(page.async_actions.map(({ id }) => id)).toEqual(ids.slice(0, 10))
      for (const action of page.async_actions) expect(action).not.toHaveProperty('result')
    })

    it('pages by end_date without missing or repeating one', async () => {
      const seen: string[] = []
      let query = '?limit=5'
      for (;;) {
        const page = await list(query)
        seen.push(...page.async_actions.map(({ id }) => id))
        if (!page.has_more) break
        query = `?limit=5&end_date=${encodeURIComponent(page.async_actions.at(-1)?.created_at ?? '')}`
      }
      expect(seen.slice(0, ids.length)).toEqual(ids)
      expect(new Set(seen).size).toBe(seen.length)
    })

    it('pages by starting_after_id without missing or repeating one', async () => {
      const seen: string[] = []
      let query = '?limit=4'
      for (;;) {
        const page = await list(query)
        seen.push(...page.async_actions.map(({ id }) => id))
        if (!page.has_more) break
        query = `?limit=4&starting_after_id=${page.async_actions.at(-1)?.id ?? ''}`
      }
      const all = await rollcall.query<{ id: string }>(
        'SELECT id FROM async_actions ORDER BY created_at DESC',
      )
      expect(seen).toEqual(all.map(({ id }) => id))
    })

    it('says has_more only while there is more: at the very end of a page there is not', async () => {
      const oldest = (await list('?limit=100')).async_actions
      const beforeLast = oldest.at(-3)?.id ?? ''
      expect(await list(`?limit=2&starting_after_id=${beforeLast}`)).toMatchObject({
        async_actions: [{ id: oldest.at(-2)?.id }, { id: oldest.at(-1)?.id }],
        has_more: false,
      })
      expect((await list(`?limit=1&starting_after_id=${beforeLast}`)).has_more).toBe(true)
      expect(await list(`?starting_after_id=${oldest.at(-1)?.id ?? ''}`)).toMatchObject({
        async_actions: [],
        has_more: false,
      })
    })

    it('narrows by end_date and starting_after_id at once', async () => {
      const [newest, second, third] = (await list('?limit=3')).async_actions
      const first = async (cursor: Action | undefined, end: Action | undefined) =>
        (await list(`?limit=1&starting_after_id=${cursor?.id ?? ''}&end_date=${end?.created_at ?? ''}`))
          .async_actions[0]?.id
      expect(await first(newest, second)).toBe(third?.id)
      expect(await first(second, newest)).toBe(third?.id)
    })

    describe('narrowed by type and status', () => {
      const failed = () => ids[1] ?? ''
      const waiting = () => ids[3] ?? ''
      const imported = () => [ids[3] ?? '', ids[7] ?? '']
      const idsOf = async (query: string) => (await list(query)).async_actions.map(({ id }) => id)
      const change = (column: string, value: string, changed: string[]) =>
        rollcall.query(`UPDATE async_actions SET ${column} = $1 WHERE id = ANY ($2)`, [value, changed])

      beforeAll(async () => {
        await change('status', 'FAILED', [failed()])
        await change('status', 'ENQUEUED', [waiting()])
        await change('type', 'CUSTOMERS.IMPORT_CSV', imported())
      })
      afterAll(async () => {
        await change('status', 'DONE', [failed(), waiting()])
        await change('type', 'CUSTOMERS.BULK_UPDATE', imported())
      })

      it('has only those', async () => {
        expect(await idsOf('?status=FAILED')).toEqual([failed()])
        expect(await idsOf('?status=ENQUEUED')).toEqual([waiting()])
        expect(await idsOf('?status=IN_PROGRESS')).toEqual([])
        expect(await idsOf('?type=CUSTOMERS.IMPORT_CSV')).toEqual(imported())
        expect(await idsOf('?type=CUSTOMERS.IMPORT_CSV&status=DONE')).toEqual([ids[7]])
        expect(await idsOf('?type=CUSTOMERS.METADATA_UPDATE')).toEqual([])
        expect(await idsOf('?status=DONE&limit=100')).not.toEqual(
          expect.arrayContaining([failed(), waiting()]) as unknown,
        )
      })

      it('pages through them, and has_more speaks of them alone', async () => {
        const page = await list('?type=CUSTOMERS.IMPORT_CSV&limit=1')
        expect(page).toMatchObject({ async_actions: [{ id: ids[3] }], has_more: true })
        expect(
          await list(`?type=CUSTOMERS.IMPORT_CSV&limit=1&starting_after_id=${ids[3] ?? ''}`),
        ).toMatchObject({
          async_actions: [{ id: ids[7] }],
          has_more: false,
        })
      })
    })

    it('takes a date for end_date', async () => {
      expect((await list('?end_date=2000-01-01')).async_actions).toEqual([])
      expect((await list('?end_date=2200-01-01&limit=1')).async_actions).toHaveLength(1)
    })

    it('answers async_action_id as the single action', async () => {
      const id = ids[0] ?? ''
      const answer = await rollcall.call('GET', `/v1/async-actions?async_action_id=${id}`)
      expect(answer.body).toEqual((await rollcall.call('GET', `/v1/async-actions/${id}`)).body)
      expect(
        (await rollcall.call('GET', '/v1/async-actions?async_action_id=aa_000000000000000000')).status,
      ).toBe(404)
    })

    it.each([
      ['limit=0', 'Property .limit must be >= 1'],
      ['limit=101', 'Property .limit must be <= 100'],
      ['limit=-1', 'Property .limit must be >= 1'],
      ['limit=1.5', 'Property .limit must be integer'],
      ['limit=abc', 'Property .limit must be integer'],
      ['limit=', 'Property .limit must be >= 1'],
      ['end_date=yesterday', 'Property .end_date cannot be recognized as a ISO-8601 compliant date'],
      ['status=done', 'Property .status must be equal to one of ENQUEUED,IN_PROGRESS,DONE,FAILED'],
      ['status=', 'Property .status must be equal to one of ENQUEUED,IN_PROGRESS,DONE,FAILED'],
      [
        'type=VOUCHERS.IMPORT',
        'Property .type must be equal to one of CUSTOMERS.BULK_UPDATE,CUSTOMERS.METADATA_UPDATE,CUSTOMERS.IMPORT_CSV',
      ],
      [
        'starting_after_id=aa_000000000000000000',
        'Property .starting_after_id must be the id of an async_action of the project',
      ],
      [
        'starting_after_id=%00',
        'Property .starting_after_id must be the id of an async_action of the project',
      ],
      ['starting_after_id=', 'Property .starting_after_id must be the id of an async_action of the project'],
      ['limit=1&limit=2', 'Property .limit must be given once, as a single value'],
      ['limit[]=1', 'Property .limit must be given once, as a single value'],
      ['limit%5B%5D=1', 'Property .limit must be given once, as a single value'],
      ['limit[gt]=1', 'Property .limit must be given once, as a single value'],
      ['limit[a][b]=1', 'Property .limit must be given once, as a single value'],
      ['end_date=2026-01-01&end_date=2026-01-02', 'Property .end_date must be given once, as a single value'],
      ['status=DONE&status=DONE', 'Property .status must be given once, as a single value'],
      ['async_action_id[]=x', 'Property .async_action_id must be given once, as a single value'],
      ['end_date=2026-02-30', 'Property .end_date cannot be recognized as a ISO-8601 compliant date'],
    ])('answers ?%s with 400', async (query, details) => {
      const answer = await rollcall.call('GET', `/v1/async-actions?${query}`)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({
        key: 'invalid_query_params',
        message: 'Invalid query params',
        details,
      })
    })

    it.each(['page=-1', 'order=;drop', 'limits[]=1', '__proto__[limit]=0', 'constructor=1', '=&&=', 'x=%zz'])(
      'takes no notice of ?%s, which it does not know',
      async (query) => {
        expect((await rollcall.call('GET', `/v1/async-actions?${query}`)).status).toBe(200)
      },
    )

    it.each([
      'end_date=infinity',
      'end_date=2026-W01',
      'end_date=275760-09-13',
      'end_date=20260101',
      'end_date=2026-01-01T00:00:00%2B23:00',
      'end_date=0000-01-01',
      'end_date=2026-01-01T24:00:00Z',
      'end_date=2026-01-01T00:00:00.1234567890123Z',
      'end_date=9999-12-31T23:59:59.999999Z',
    ])('never fails on ?%s', async (query) => {
      const { status } = await rollcall.call('GET', `/v1/async-actions?${query}`)
      expect([200, 400]).toContain(status)
    })
  })

  describe('the report', () => {
    it('is a CSV attachment that needs no credential and is the same at every download', async () => {
      const action = await rollcall.finished(
        await rollcall.bulk([
          { source_id: 'x,"y"\r\n', name: 'N' },
          { source_id: '=1+1', name: 5 },
        ]),
      )
      const url = action.result?.reports[0] ?? ''
      const response = await fetch(url)
      expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
      expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${action.id}.csv"`)
      const text = await response.text()
      expect(text).toBe(
        'source_id,found,updated,key,message,details\r\n' +
          '"x,""y""\r\n",false,true,,,\r\n' +
          '=1+1,false,false,invalid_payload,Invalid payload,"Property .name must be string,null"\r\n',
      )
      expect(await (await fetch(url)).text()).toBe(text)
      expect(await (await fetch(`${url}&safe=1`)).text()).toContain("\r\n'=1+1,")
    })

    it.each([
      ['safe=1&safe=1', 'Property .safe must be given once, as a single value'],
      ['safe[]=1', 'Property .safe must be given once, as a single value'],
      ['safe=true', 'Property .safe must be 1'],
      ['safe=', 'Property .safe must be 1'],
      ['token=x', 'Property .token must be given once, as a single value'],
    ])(
      'is refused, not sent as nobody meant it, when a parameter is wrong or comes twice: &%s',
      async (more, details) => {
        const action = await rollcall.finished(await rollcall.bulk([{ source_id: '=1+1' }]))
        const response = await fetch(`${action.result?.reports[0] ?? ''}&${more}`)
        expect([response.status, await response.json()]).toMatchObject([
          400,
          { key: 'invalid_query_params', details },
        ])
      },
    )

    it('answers a bad token with 401, and after its time with 404', async () => {
      const action = await rollcall.finished(await rollcall.bulk([{ source_id: 'r' }]))
      const other = await rollcall.finished(await rollcall.bulk([{ source_id: 'r' }]))
      const url = action.result?.reports[0] ?? ''
      const token = new URL(url).searchParams.get('token') ?? ''
      const last = token.endsWith('A') ? 'B' : 'A'
      const wrong = [
        url.replace(/token=.*/, ''),
        url.replace(/token=.*/, 'token=x'),
        url.replace(token, token.slice(0, -1) + last),
        url.replace(token, `${token}A`),
        url.replace(action.id, other.id),
        url.replace('reports/1', 'reports/2'),
      ]
      for (const link of wrong) expect((await fetch(link)).status).toBe(401)
      await rollcall.query(
        'UPDATE async_actions SET reports_available_till = clock_timestamp() WHERE id = $1',
        [action.id],
      )
      expect((await fetch(url)).status).toBe(404)
    })

    it('is cut off, not ended as if it were whole, when a part of it is missing', async () => {
      const rows = Array.from({ length: 5_000 }, (_, n) => ({ source_id: `cut-${n}` }))
      const action = await rollcall.finished(await rollcall.bulk(rows))
      expect(await rollcall.report(action)).toHaveLength(5_000)
      const [last] = await rollcall.query<{ chunk: number }>(
        `DELETE FROM async_action_reports WHERE (async_action_id, chunk) =
           (SELECT async_action_id, max(chunk) FROM async_action_reports WHERE async_action_id = $1 GROUP BY 1)
         RETURNING chunk`,
        [action.id],
      )
      expect(last?.chunk).toBeGreaterThan(0)
      const response = await fetch(action.result?.reports[0] ?? '')
      await expect(response.text()).rejects.toThrow('terminated')
    })
  })
})
