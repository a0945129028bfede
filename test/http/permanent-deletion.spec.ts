import { tablesHolding } from '../support/dump.js'
import { expectInvariants } from '../support/invariants.js'
import { eventually, Rollcall } from '../support/rollcall.js'

const CANARY = 'kanari'
const PERSON = `${CANARY}/ä@example.com`
const path = (id: string) => `/v1/customers/${encodeURIComponent(id)}`

describe('POST /v1/customers/{customerId}/permanent-deletion', () => {
  let rollcall: Rollcall

  beforeAll(async () => {
    rollcall = await Rollcall.start({ env: { CHUNK_BYTES: '20000' } })
  })
  afterAll(() => rollcall.stop())

  const person = (more: object = {}) => ({
    source_id: PERSON,
    name: CANARY,
    email: PERSON,
    metadata: { [CANARY]: [CANARY] },
    ...more,
  })
  const run = async (customers: unknown) => rollcall.finished(await rollcall.bulk(customers))
  const erase = (id: string, body?: unknown) =>
    rollcall.call('POST', `${path(id)}/permanent-deletion`, { body })
  const holding = () => tablesHolding((sql) => rollcall.query(sql), CANARY)

  it('answers 200 with a receipt, then 404; what is left is a report without the person', async () => {
    const action = await run([{ source_id: 'a' }, person(), person({ birthdate: 'never' })])
    const { body: customer } = await rollcall.call('GET', path(PERSON))
    const answer = await erase(PERSON)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^del_[0-9A-Za-z]{24}$/) as string,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      related_object_id: customer['id'],
      related_object: 'customer',
      status: 'DONE',
      data_json: {
        events: 2,
        customer_events: 1,
        daily_events: 0,
        segments: 0,
        orders: 0,
        order_events: 0,
        customer: 1,
      },
      object: 'pernament_deletion',
    })
    expect(await holding()).toEqual([])
    expect(await rollcall.reportText(action)).toBe(
      'source_id,found,updated,key,message,details\r\na,false,true,,,\r\n,false,true,,,\r\n,true,false,invalid_customer,Invalid customer,\r\n',
    )
    expect((await rollcall.action(action.id)).result).toMatchObject({
      done_count: 2,
      failed_count: 1,
      errors: [{ key: 'invalid_customer', message: 'Invalid customer', details: '', source_id: '' }],
    })
    for (const id of [PERSON, String(customer['id'])]) {
      const again = await erase(id)
      expect(again.status).toBe(404)
      expect(again.body).toMatchObject({ key: 'not_found', resource_id: id, resource_type: 'customer' })
      expect((await rollcall.call('GET', path(id))).status).toBe(404)
    }
  })

  it('keeps the receipt, with nothing personal in it', async () => {
    await run([person()])
    const { body } = await erase(PERSON)
    const [kept] = await rollcall.query<Record<string, unknown>>(
      'SELECT customer_id, request_id, counts FROM permanent_deletions WHERE id = $1',
      [body['id']],
    )
    expect(kept).toEqual({
      customer_id: body['related_object_id'],
      request_id: expect.stringMatching(/^v-/) as string,
      counts: body['data_json'],
    })
  })

  it('does what the official client asks for', async () => {
    await run([person()])
    await expect(rollcall.client().customers.deletePermanently(PERSON)).resolves.toMatchObject({
      status: 'DONE',
      related_object: 'customer',
      object: 'pernament_deletion',
    })
    await expect(rollcall.client().customers.deletePermanently(PERSON)).rejects.toMatchObject({ code: 404 })
  })

  it('makes somebody new of who is named by a later request', async () => {
    await run([person()])
    const { body: old } = await rollcall.call('GET', path(PERSON))
    await erase(PERSON)
    const action = await run([{ source_id: PERSON, phone: '1' }])
    expect(await rollcall.report(action)).toMatchObject([{ found: 'false', updated: 'true' }])
    const { body } = await rollcall.call('GET', path(PERSON))
    expect(body['id']).not.toBe(old['id'])
    expect(body).toMatchObject({ phone: '1', address: null })
    expect(body).not.toHaveProperty('name')
    expect(body).not.toHaveProperty('metadata')
    const { body: activity } = await rollcall.call<{ data: unknown[] }>('GET', `${path(PERSON)}/activity`)
    expect(activity.data).toHaveLength(1)
    await erase(PERSON)
  })

  it.each([
    ['no credentials', null, {}, 401],
    ['a token for something else', null, { scope: 'async-actions' }, 403],
  ])('is refused with %s', async (_, keys, { scope }: { scope?: string }, status) => {
    const headers = scope === undefined ? {} : { authorization: `Bearer ${await tokenFor(scope)}` }
    const answer = await rollcall.call('POST', `${path('a')}/permanent-deletion`, { keys, headers })
    expect(answer.status).toBe(status)
    expect((await rollcall.call('GET', path('a'))).status).toBe(200)
  })

  async function tokenFor(scope: string): Promise<string> {
    const answer = await rollcall.call<{ access_token: string }>('POST', '/v1/oauth/token', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&scope=${scope}`,
    })
    return answer.body.access_token
  }

  it('forgets the person while a large request that names them in every chunk runs; no other row is lost', async () => {
    await run([person()])
    const rows = Array.from({ length: 30_000 }, (_, n) =>
      n % 50 === 25
        ? person({ name: `${CANARY} ${String(n)}` })
        : { source_id: `c-${String(n)}`, name: 'Somebody' },
    )
    const [running, queued] = [await rollcall.bulk(rows), await rollcall.bulk(rows)]
    await eventually('the request runs', async () =>
      (await rollcall.action(running)).progress > 10 ? true : undefined,
    )
    const answer = await erase(PERSON)
    expect(answer.status).toBe(200)
    expect(await holding()).toEqual([])
    for (const id of [running, queued]) {
      const action = await rollcall.finished(id)
      const report = await rollcall.report(action)
      expect(report).toHaveLength(30_000)
      const [named, erased] = [
        report.filter((row) => row.source_id !== ''),
        report.filter((row) => row.source_id === ''),
      ]
      expect(named.map((row) => row.source_id)).toEqual(
        rows.map(({ source_id }) => source_id).filter((id) => id !== PERSON),
      )
      expect(named.every(({ key }) => key === '')).toBe(true)
      expect(erased).toHaveLength(600)
      expect(erased.every(({ key }) => key === '' || key === 'customer_erased')).toBe(true)
      expect(action).toMatchObject({
        status: 'DONE',
        result: { done_count: 30_000 - failed(erased), failed_count: failed(erased) },
      })
      if (id === running) expect(failed(erased)).toBeGreaterThan(0)
      else expect(failed(erased)).toBe(600)
    }
    expect((await rollcall.call('GET', path(PERSON))).status).toBe(404)
    expect(await holding()).toEqual([])
    await expectInvariants(rollcall)
  })

  const failed = (rows: { key: string }[]): number =>
    rows.filter(({ key }) => key === 'customer_erased').length

  it('finds nothing in rows that were carried out: they are removed soon after', async () => {
    await run([{ source_id: 'z' }])
    await eventually('the rows are removed', async () => {
      const rows = await rollcall.query('SELECT FROM async_action_payloads')
      return rows.length === 0 ? rows : undefined
    })
  })
})
