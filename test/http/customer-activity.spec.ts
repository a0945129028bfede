import { activityIdOf } from '../../src/customers/activity/activity-id.js'
import { Rollcall } from '../support/rollcall.js'

interface Activity {
  readonly id: string
  readonly type: string
  readonly data: { data: { customer: Record<string, unknown> }; event_source: { channel: string } }
  readonly created_at: string
  readonly group_id: string
}
interface Page {
  readonly object: string
  readonly data_ref: string
  readonly data: Activity[]
  readonly has_more: boolean
  readonly more_starting_after?: string
  readonly total?: number
}

describe.each(['activity', 'activities'])('GET /v1/customers/{customerId}/%s', (endpoint) => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start()
    for (let n = 0; n < 6; n++) {
      const action = await rollcall.bulk([
        { source_id: 'ada/1', name: `Ada ${String(n)}` },
        { source_id: 'other' },
      ])
      await rollcall.finished(action)
    }
  })
  afterAll(() => rollcall.stop())

  const ask = (query = '', id = 'ada/1') =>
    rollcall.call<Page>('GET', `/v1/customers/${encodeURIComponent(id)}/${endpoint}${query}`)
  const page = async (query?: string) => (await ask(query)).body
  const names = ({ data }: Page) => data.map((item) => item.data.data.customer['name'])

  it('lists what happened to the customer, newest first, each with the whole customer as it was', async () => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ object: 'list', data_ref: 'data', has_more: false })
    expect(answer.body).not.toHaveProperty('more_starting_after')
    expect(names(answer.body)).toEqual(['Ada 5', 'Ada 4', 'Ada 3', 'Ada 2', 'Ada 1', 'Ada 0'])
    expect(answer.body.data.map(({ type }) => type)).toEqual([
      ...Array<string>(5).fill('customer.updated'),
      'customer.created',
    ])
    const [last] = answer.body.data
    const { body: customer } = await rollcall.call('GET', '/v1/customers/ada%2F1')
    expect(last).toEqual({
      id: expect.stringMatching(/^evcus_[0-9a-f]{18}$/) as string,
      type: 'customer.updated',
      data: { data: { customer }, event_source: { channel: 'API' } },
      created_at: customer['updated_at'],
      group_id: expect.stringMatching(/^v-[0-9a-f]{18}$/) as string,
    })
    expect(await page()).toEqual(answer.body)
  })

  it('names the request that caused it', async () => {
    const { body } = await rollcall.call<{ async_actions: { request_id: string }[] }>(
      'GET',
      '/v1/async-actions',
    )
    expect((await page()).data.map(({ group_id }) => group_id)).toEqual(
      body.async_actions.map(({ request_id }) => request_id),
    )
  })

  it.each(['', '&order=created_at', '&order=-created_at'])(
    'is read page by page (limit=4%s)',
    async (order) => {
      const all = await page(`?limit=100${order}`)
      const first = await page(`?limit=4${order}`)
      expect(first).toMatchObject({ has_more: true, more_starting_after: first.data[3]?.id })
      const second = await page(`?limit=4${order}&starting_after_id=${first.more_starting_after ?? ''}`)
      expect(second.has_more).toBe(false)
      expect([...first.data, ...second.data]).toEqual(all.data)
      expect(
        (await page(`?limit=2${order}&starting_after_id=${first.more_starting_after ?? ''}`)).has_more,
      ).toBe(false)
    },
  )

  it('takes bounds in time, both inclusive', async () => {
    const { data } = await page()
    const [from, till] = [data[4]?.created_at ?? '', data[2]?.created_at ?? '']
    expect(names(await page(`?start_date=${from}&end_date=${till}`))).toEqual(['Ada 3', 'Ada 2', 'Ada 1'])
    expect(names(await page('?end_date=2020-01-01'))).toEqual([])
    expect(names(await page(`?start_date=2020-01-01&end_date=${till.slice(0, 10)}`)).length).toBeGreaterThan(
      0,
    )
  })

  it.each(['campaign_id=camp_1', 'campaign_type=PROMOTION', 'campaign_type=LOYALTY_PROGRAM&campaign_id=x'])(
    'has nothing to do with campaigns: %s',
    async (query) => {
      expect(await page(`?${query}`)).toMatchObject({ data: [], has_more: false })
    },
  )

  it.each([
    ['limit=0', 'Property .limit must be >= 1'],
    ['limit=101', 'Property .limit must be <= 100'],
    ['limit=x', 'Property .limit'],
    ['order=name', 'Property .order'],
    ['start_date=yesterday', 'Property .start_date'],
    ['end_date=2026-02-30', 'Property .end_date'],
    ['campaign_type=x', 'Property .campaign_type'],
    ['starting_after_id=evcus_000000000000000000', 'Property .starting_after_id'],
    ['starting_after_id=', 'Property .starting_after_id'],
  ])('answers 400 to %s', async (query, details) => {
    const answer = await ask(`?${query}`)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({
      key: 'invalid_query_params',
      details: expect.stringContaining(details) as string,
    })
  })

  it.each([0, 2_147_483_648, 4_294_967_295])(
    'answers 400 to a made-up id of event number %i',
    async (version) => {
      const { body } = await rollcall.call('POST', '/v1/customers', { body: { source_id: 'made up' } })
      const id = activityIdOf(String(body['id']), version)
      const answer = await rollcall.call('GET', `/v1/customers/made%20up/activity?starting_after_id=${id}`)
      expect([answer.status, answer.body['key']]).toEqual([400, 'invalid_query_params'])
    },
  )

  it.each(['nobody', 'a\0b'])('answers 404 for %j', async (id) => {
    const answer = await ask('', id)
    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({ key: 'not_found', resource_id: id, resource_type: 'customer' })
  })

  if (endpoint === 'activity') {
    it.each([
      ['type=customer.created', ['Ada 0']],
      ['type=customer.updated&limit=2', ['Ada 5', 'Ada 4']],
      ['type=customer.order.paid', []],
      ['category=ACTION&limit=1', ['Ada 5']],
      ['category=EFFECT', []],
      ['category=EFFECT&type=customer.created', []],
      ['type=customer.created&campaign_id=x', []],
    ])('filters by type and category: %s', async (query, expected) => {
      expect(names(await page(`?${query}`))).toEqual(expected)
    })

    it.each(['type=created', 'type=customer.nonsense', 'category=action'])(
      'answers 400 to %s',
      async (query) => {
        expect((await ask(`?${query}`)).status).toBe(400)
      },
    )

    it('does what the official client asks for', async () => {
      const list = await rollcall
        .client()
        .customers.listActivity('ada/1', { limit: 1, type: 'customer.created' })
      expect(list).toMatchObject({ object: 'list', data_ref: 'data', has_more: false })
      expect(list.data[0]).toHaveProperty('data')
    })
  } else {
    it('tells the total of all pages', async () => {
      const { data } = await page()
      expect((await page('?limit=2')).total).toBe(6)
      expect((await page(`?limit=2&starting_after_id=${data[1]?.id ?? ''}`)).total).toBe(6)
      expect((await page(`?start_date=${data[1]?.created_at ?? ''}`)).total).toBe(2)
      expect((await page('?campaign_id=x')).total).toBe(0)
    })

    it('takes a time as cursor', async () => {
      const { data } = await page()
      const third = data[2]?.created_at ?? ''
      expect(names(await page(`?starting_after=${third}&limit=2`))).toEqual(['Ada 2', 'Ada 1'])
      expect(names(await page(`?order=created_at&starting_after=${third}`))).toEqual(['Ada 4', 'Ada 5'])
      expect((await page(`?starting_after=${third}`)).total).toBe(6)
      expect((await ask('?starting_after=soon')).status).toBe(400)
    })

    it('has nothing to do with products', async () => {
      expect((await page('?product_id=prod_1')).data).toEqual([])
    })

    it('does what the official client asks for', async () => {
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- older clients call it
      const list = await rollcall.client().customers.listActivities('ada/1', { limit: 1 })
      expect(list).toMatchObject({ object: 'list', data_ref: 'data', total: 6 })
    })
  }
})
