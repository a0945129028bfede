import { join } from 'node:path'
import { send } from '../support/http.js'
import { expectInvariants } from '../support/invariants.js'
import { eventually, Rollcall } from '../support/rollcall.js'

const PRELOAD = `--require ${join(__dirname, '..', 'support', 'dying.cjs')}`
const BULK = '/v1/customers/bulk/async'

describe('A request whose API process is killed', () => {
  let rollcall: Rollcall

  beforeEach(async () => {
    rollcall = await Rollcall.start()
  })
  afterEach(() => rollcall.stop())

  const customers = Array.from({ length: 5_000 }, (_, n) => ({ source_id: `c-${String(n)}` }))
  const post = (base: string) =>
    send<{ async_action_id: string }>(base, 'POST', BULK, {
      keys: rollcall.keys,
      headers: { 'idempotency-key': 'lost' },
      body: customers,
    })

  it.each([
    ['before the commit', null],
    ['before the answer', 'true'],
  ])('%s is made once when it is repeated at another', async (place, replayed) => {
    const dying = await rollcall.startAnotherApi({ NODE_OPTIONS: PRELOAD, DIE: place })
    await expect(post(dying)).rejects.toThrow('fetch failed')
    const answer = await eventually('the repeated request is answered', async () => {
      const answer = await post(rollcall.base)
      // PostgreSQL has yet to notice whom the transaction belonged to.
      return answer.status === 409 ? undefined : answer
    })
    expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, replayed])
    const action = await rollcall.finished(answer.body.async_action_id)
    expect(action).toMatchObject({ status: 'DONE', result: { done_count: 5_000, failed_count: 0 } })
    expect((await rollcall.report(action)).every(({ found }) => found === 'false')).toBe(true)
    expect(await rollcall.query('SELECT id FROM async_actions')).toEqual([{ id: action.id }])
    expect(await rollcall.query('SELECT async_action_id AS id FROM idempotency_keys')).toEqual([
      { id: action.id },
    ])
    await expectInvariants(rollcall)
  })
})
