import { type Answer } from '../support/rollcall.js'
import { Stage } from './stage.js'

let stage: Stage

beforeAll(async () => {
  stage = await Stage.start()
})
afterAll(() => stage.stop())

let keys = 0
const newKey = (): string => `key-${keys++}`
const postUnder = (key: string, body: unknown): Promise<Answer> =>
  stage.post(body, { 'idempotency-key': key })
const idIn = ({ body }: Answer): string => String(body['async_action_id'])

describe('An Idempotency-Key', () => {
  it('B62 with the same body again: the same action, and the answer says that it is a repetition', async () => {
    const key = newKey()
    const first = await postUnder(key, '[{"source_id":"a"}]')
    const second = await postUnder(key, '[{"source_id":"a"}]')
    expect([first.status, second.status, idIn(second)]).toEqual([202, 202, idIn(first)])
    expect([first, second].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
    await stage.rollcall.finished(idIn(first))
  })

  it.each(['[{"source_id":"b"}]', '[ {"source_id":"a"}]', '[{"name":"x","source_id":"a"}]'])(
    'B63 with another body, %s: 422',
    async (body) => {
      const key = newKey()
      await stage.rollcall.finished(idIn(await postUnder(key, '[{"source_id":"a"}]')))
      await stage.expectRefused(() => postUnder(key, body), { status: 422 })
    },
  )

  it('B64 twenty times at once: one action', async () => {
    const key = newKey()
    const answers = await Promise.all(Array.from({ length: 20 }, () => postUnder(key, '[{"source_id":"a"}]')))
    const accepted = answers.filter(({ status }) => status === 202)
    expect(answers.filter(({ status }) => status !== 202 && status !== 409)).toEqual([])
    expect(new Set(accepted.map(idIn)).size).toBe(1)
    for (const { headers, status } of answers)
      if (status === 409) expect(headers.get('retry-after')).toMatch(/^\d+$/)
    await stage.rollcall.finished(idIn(accepted[0] as Answer))
  })

  it.each([
    ['that is empty', ''],
    ['of 256 characters', 'x'.repeat(256)],
    ['beyond ASCII', 'clé'],
  ])('B65 %s: 400', async (_, key) => {
    await stage.expectRefused(() => postUnder(key, '[]'), { status: 400 })
  })

  it('B66 that another project has used is as good as new', async () => {
    const key = newKey()
    const other = await stage.rollcall.projects.create('other')
    const mine = await postUnder(key, '[]')
    const theirs = await stage.call('POST', '/v1/customers/bulk/async', {
      keys: other,
      body: '[{"source_id":"theirs"}]',
      headers: { 'idempotency-key': key },
    })
    expect([mine.status, theirs.status]).toEqual([202, 202])
    expect(idIn(theirs)).not.toBe(idIn(mine))
    await stage.rollcall.finished(idIn(mine))
    await stage.rollcall.finished(idIn(theirs), other)
  })
})

it('B76 Somebody who was erased comes again as somebody new, and the old rows stay dead', async () => {
  await stage.rollcall.finished(
    await stage.rollcall.bulk([{ source_id: 'erased', name: 'Ada', metadata: { old: 1 } }]),
  )
  expect((await stage.call('POST', '/v1/customers/erased/permanent-deletion')).status).toBe(200)
  const { customer } = await stage.expectApplied({ source_id: 'erased', name: 'Grace' }, { name: 'Grace' })
  expect(customer).not.toHaveProperty('metadata')
  expect((await stage.contents()).length).toBeGreaterThan(0)
})
