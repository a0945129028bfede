import { createHash } from 'node:crypto'
import { IdempotencyKeySweeper } from '../../src/async-actions/retention/idempotency-key-sweeper.js'
import { type Payload } from '../../src/async-actions/schedule/async-action-payload.js'
import { type Acceptance } from '../../src/async-actions/schedule/async-action-scheduler.js'
import { RequestError } from '../../src/kernel/index.js'
import { deferred } from '../support/deferred.factory.js'
import { beginWithNotes, OPERATION, payloadOf, type TestRunner } from '../support/runner.factory.js'
import { type TestStore } from '../support/test-store.factory.js'

let store: TestStore
let rig: TestRunner
let projectId: string

beginWithNotes(
  (notes) => {
    ;({ store, rig, projectId } = notes)
  },
  { maxOpenActions: 3 },
)

interface Sent {
  readonly key?: string
  readonly content?: string
  readonly operation?: string
  readonly project?: string
  readonly payload?: Payload
}

/** A request under a key; what it carries is told by its content alone. */
function send({
  key = 'key',
  content = 'a',
  operation = OPERATION,
  project = projectId,
  payload = payloadOf([[content]]),
}: Sent = {}): Promise<Acceptance> {
  const contentHash = createHash('sha256').update(content).digest()
  return rig.scheduler.schedule({ projectId: project, requestId: 'v-1', client: 'app' }, operation, payload, {
    key,
    contentHash,
  })
}

const refusalOf = (sending: Promise<unknown>) =>
  sending.then(
    () => 'accepted',
    (error: unknown) => (error instanceof RequestError ? [error.status, error.key] : error),
  )
const REUSED = [422, 'idempotency_key_reused']
const IN_FLIGHT = [409, 'idempotency_key_in_flight']

/** Chunks of a request whose second one comes when the test lets it. */
function slowPayload() {
  const [asked, goOn] = [deferred(), deferred()]
  async function* chunks() {
    yield* payloadOf([['a']])
    asked.resolve(undefined)
    await goOn.promise
    yield* payloadOf([['b']])
  }
  return { payload: chunks(), asked: asked.promise, goOn: goOn.resolve, fail: goOn.reject }
}

const sweep = () => new IdempotencyKeySweeper(store.database).sweep()
const age = (by: string) =>
  store.query(`UPDATE idempotency_keys SET created_at = created_at - $1::interval`, [by])

describe('A request that is repeated under its key', () => {
  it('is answered with the action of the first, and nothing is stored or announced again', async () => {
    const first = await send()
    expect(first.isReplay).toBe(false)
    expect(await send()).toEqual({ asyncActionId: first.asyncActionId, isReplay: true })
    expect([await rig.count('async_actions'), await rig.count('async_action_payloads')]).toEqual([1, 1])
    expect(rig.announced).toHaveLength(1)
  })

  it('is not even cut', async () => {
    await send()
    const payload = payloadOf([['a']])
    const begun = jest.spyOn(payload, 'next')
    await send({ payload })
    expect(begun).not.toHaveBeenCalled()
  })

  it('is answered so after its action has ended', async () => {
    const { asyncActionId } = await send()
    await rig.worker().ring()
    expect(await send()).toEqual({ asyncActionId, isReplay: true })
    await rig.worker().ring()
    expect(await rig.notes()).toEqual(['a'])
  })

  it('is answered so when the project has all the open actions it may have', async () => {
    const { asyncActionId } = await send()
    await rig.schedule(projectId)
    await rig.schedule(projectId)
    expect(await refusalOf(send({ key: 'other' }))).toEqual([429, 'too_many_requests'])
    expect(await send()).toEqual({ asyncActionId, isReplay: true })
  })

  it.each<[string, Sent]>([
    ['with another content', { content: 'b' }],
    ['as another operation', { operation: 'NOTES.OTHER' }],
  ])('%s is refused, and nothing is stored', async (_, changed) => {
    const first = await send()
    expect(await refusalOf(send(changed))).toEqual(REUSED)
    expect(await rig.count('async_actions')).toBe(1)
    expect(await send()).toMatchObject({ asyncActionId: first.asyncActionId })
  })

  it('in another project, or under another key, is another request', async () => {
    const sent = [
      await send(),
      await send({ project: await store.newProject() }),
      await send({ key: 'KEY' }),
      await send({ key: 'key ' }),
    ]
    expect(sent.map(({ isReplay }) => isReplay)).toEqual([false, false, false, false])
    expect(new Set(sent.map(({ asyncActionId }) => asyncActionId)).size).toBe(4)
  })
})

describe('A key whose request was refused', () => {
  it('is free for a corrected one: neither a late fault nor a full project keeps it', async () => {
    const { payload, asked, fail } = slowPayload()
    const sending = refusalOf(send({ payload }))
    await asked
    fail(new RequestError(400, 'invalid_payload', 'Invalid payload'))
    expect(await sending).toEqual([400, 'invalid_payload'])
    expect(await rig.count('idempotency_keys')).toBe(0)
    expect((await send({ content: 'b' })).isReplay).toBe(false)
  })
})

describe('Requests under one key at the same time', () => {
  it('make one action, all of them; the others are told its id, or to come again', async () => {
    const sent = await Promise.allSettled(Array.from({ length: 20 }, () => send()))
    const accepted = sent.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    expect(new Set(accepted.map(({ asyncActionId }) => asyncActionId)).size).toBe(1)
    expect(accepted.filter(({ isReplay }) => !isReplay)).toHaveLength(1)
    for (const each of sent)
      if (each.status === 'rejected')
        expect(await refusalOf(Promise.reject(each.reason as Error))).toEqual(IN_FLIGHT)
    expect(await rig.count('async_actions')).toBe(1)
    expect(rig.announced).toHaveLength(1)
  })

  it('wait for nobody: while the first is being stored, the second is sent away, and later answered', async () => {
    const { payload, asked, goOn } = slowPayload()
    const first = send({ payload })
    await asked
    expect(await refusalOf(send())).toEqual(IN_FLIGHT)
    expect(await refusalOf(send({ content: 'b' }))).toEqual(IN_FLIGHT)
    expect((await send({ key: 'other' })).isReplay).toBe(false)
    goOn(undefined)
    const { asyncActionId } = await first
    expect(await send()).toEqual({ asyncActionId, isReplay: true })
  })

  it('that both found the key unused are still one: the slower sees what the faster committed', async () => {
    const { payload, asked, goOn } = slowPayload()
    const firstChunk = deferred()
    async function* late() {
      await firstChunk.promise
      yield* payloadOf([['a']])
    }
    const faster = send({ payload })
    const slower = send({ payload: late() })
    await asked
    goOn(undefined)
    const { asyncActionId } = await faster
    firstChunk.resolve(undefined)
    expect(await slower).toEqual({ asyncActionId, isReplay: true })
    expect([await rig.count('async_actions'), await rig.count('async_action_payloads')]).toEqual([1, 2])
  })

  it('are free to go on as soon as the connection of one that was storing is gone', async () => {
    const { payload, asked, goOn } = slowPayload()
    const dying = send({ payload }).catch((error: unknown) => error)
    await asked
    await store.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (
         SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    goOn(undefined)
    expect(await dying).toBeInstanceOf(Error)
    expect((await send()).isReplay).toBe(false)
    expect(await rig.count('async_actions')).toBe(1)
  })
})

describe('A key', () => {
  it('is kept for seven days, and then free again', async () => {
    const { asyncActionId } = await send()
    await age('6 days 23 hours 59 minutes')
    expect(await sweep()).toBe(0)
    expect((await send()).asyncActionId).toBe(asyncActionId)
    await age('1 minute')
    expect(await sweep()).toBe(1)
    const anew = await send({ content: 'b' })
    expect(anew.isReplay).toBe(false)
    expect(anew.asyncActionId).not.toBe(asyncActionId)
  })

  it('is forgotten in all projects, by several sweepers at the same time', async () => {
    for (let project = 0; project < 5; project++) await send({ project: await store.newProject() })
    await age('8 days')
    await send()
    const removed = await Promise.all([sweep(), sweep(), sweep()])
    expect(removed.reduce((sum, each) => sum + each, 0)).toBe(5)
    expect(await rig.count('idempotency_keys')).toBe(1)
  })

  it('is not stored, nor anything that could be tried against what was sent', async () => {
    await send({ key: 'ada@example.com', content: 'ada' })
    const [kept] = await store.query<{ key_hash: Buffer; fingerprint: Buffer }>(
      'SELECT * FROM idempotency_keys',
    )
    const sha256 = (text: string) => createHash('sha256').update(text).digest()
    expect(kept?.key_hash).toEqual(sha256('ada@example.com'))
    expect(kept?.fingerprint).not.toEqual(sha256('ada'))
    expect(JSON.stringify(kept)).not.toContain('ada')
  })
})
