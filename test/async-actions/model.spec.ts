import fc from 'fast-check'
import { Logger } from '@nestjs/common'
import { type AsyncAction } from '../../src/async-actions/async-action.repository.js'
import { firstTurn } from '../../src/async-actions/run/chunk-runner.js'
import { type Lane, LaneLostError } from '../../src/async-actions/run/lanes.js'
import { BULK_UPDATE } from '../../src/customers/bulk-update/bulk-update.handler.js'
import { readCustomer } from '../../src/customers/domain/customer-row.js'
import { TestEraser } from '../support/eraser.factory.js'
import { packedPayload } from '../support/payload.factory.js'
import { type ModelRow, SequentialModel } from '../support/sequential-model.js'
import { openStore, type TestStore } from '../support/test-store.factory.js'

/** More of them find more: `MODEL_RUNS=2000 npm test -- test/async-actions/model.spec.ts` takes half an hour. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 60)

let store: TestStore

beforeAll(async () => {
  Logger.overrideLogger(false)
  store = await openStore()
})
afterAll(() => store.close())

type Command = fc.AsyncCommand<SequentialModel, System>

/** The parts of the product, put together by hand, and the keys under which something was scheduled. */
class System {
  readonly keyed = new Map<string, { id: string; chunks: ModelRow[][] }>()

  private constructor(readonly parts: TestEraser) {}

  static async begin(): Promise<System> {
    await store.clear()
    return new System(new TestEraser(store, await store.newProject()))
  }

  async schedule(chunks: ModelRow[][], key?: string): Promise<{ id: string; isReplay: boolean }> {
    const context = { projectId: this.parts.projectId, requestId: 'v-model', client: 'app' }
    const payload = packedPayload(
      chunks.map((rows) => ({ text: JSON.stringify(rows), rowCount: rows.length })),
    )
    const named = key === undefined ? undefined : { key, contentHash: Buffer.from(JSON.stringify(chunks)) }
    const { asyncActionId: id, isReplay } = await this.parts.scheduler.schedule(
      context,
      BULK_UPDATE,
      payload,
      named,
    )
    return { id, isReplay }
  }

  /** The lane, as a worker gets it that finds it free or silent, and the action whose turn it is, begun. */
  async take(): Promise<{ lane: Lane; action: AsyncAction }> {
    await this.parts.expire(this.parts.projectId)
    const taken = await this.parts.started()
    // A request without rows has ended as soon as it was begun.
    return isBegun(taken.action) ? taken : this.take()
  }

  /** One chunk, as the owner of a lane carries it out. */
  async step(lane: Lane, action: AsyncAction): Promise<void> {
    const read = await this.parts.reader.read(action, nextChunkOf(action), false)
    await this.parts.chunks.run(lane, firstTurn(action), read).done
  }

  async expectToBe(model: SequentialModel): Promise<void> {
    for (const { id, chunks, done } of model.requests) {
      const action = await this.parts.action(id)
      const rows = (some: readonly (readonly ModelRow[])[]): number => some.flat().length
      expect(action).toMatchObject({ next_chunk: done, rows_done: rows(chunks.slice(0, done)) })
      if (chunks.length > 0) expect(action.status === 'DONE').toBe(done === chunks.length)
    }
    const customers = await store.query<{ source_id: string; version: number; name: string }>(
      `SELECT source_id, version, document::json->>'name' AS name FROM customers`,
    )
    expect(new Map(customers.map(({ source_id, name }) => [source_id, name]))).toEqual(model.customers)
    expect(new Map(customers.map(({ source_id, version }) => [source_id, version]))).toEqual(model.versions)
  }

  async expectReportsOf(model: SequentialModel): Promise<void> {
    for (const { id, lines } of model.requests) {
      const report = await this.parts.report(id)
      expect(
        report
          .split('\r\n')
          .slice(0, -1)
          .map((line) => line.split(',').slice(0, 3).join()),
      ).toEqual(lines.map((line) => line.join()))
    }
    const gaps = await store.query(
      `SELECT stream_id FROM events GROUP BY stream_id HAVING max(version) <> count(*) OR min(version) <> 1`,
    )
    expect(gaps).toEqual([])
  }
}

const isBegun = ({ state }: AsyncAction): boolean =>
  state.kind === 'scheduled' && state.status === 'IN_PROGRESS'

const nextChunkOf = ({ state }: AsyncAction): number => (state.kind === 'scheduled' ? state.nextChunk : -1)

/** Something that a client does, or that happens to a worker. */
function command(
  name: string,
  run: (model: SequentialModel, system: System) => Promise<void>,
  check: (model: Readonly<SequentialModel>) => boolean = () => true,
): Command {
  return { check, run, toString: () => name }
}

const someoneWaits = (model: Readonly<SequentialModel>): boolean => model.head !== undefined

const schedule = (chunks: ModelRow[][]): Command =>
  command(`schedule ${JSON.stringify(chunks)}`, async (model, system) => {
    model.schedule((await system.schedule(chunks)).id, chunks)
  })

const scheduleUnder = (key: string, chunks: ModelRow[][]): Command =>
  command(`schedule under ${key} ${JSON.stringify(chunks)}`, async (model, system) => {
    const earlier = system.keyed.get(key)
    const { id, isReplay } = await system.schedule(earlier?.chunks ?? chunks, key)
    expect(isReplay).toBe(earlier !== undefined)
    if (earlier) expect(id).toBe(earlier.id)
    else model.schedule(id, chunks)
    system.keyed.set(key, { id, chunks: earlier?.chunks ?? chunks })
  })

/** A worker takes the lane over, carries one chunk out, and is not heard of again. */
const step = command(
  'a worker carries a chunk out and vanishes',
  async (model, system) => {
    const { lane, action } = await system.take()
    expect(action.id).toBe(model.head?.id)
    await system.step(lane, action)
    model.step()
  },
  someoneWaits,
)

/** Everything of the chunk is written, and its transaction never commits. */
const crash = command(
  'a worker dies in the middle of a chunk',
  async (_, system) => {
    const { lane, action } = await system.take()
    const { handler, context, rows } = await system.parts.reader.read(action, nextChunkOf(action), false)
    const death = store.database.inProject(lane.projectId, async (session) => {
      await handler.apply(session, context, rows)
      throw new Error('died')
    })
    await expect(death).rejects.toThrow('died')
  },
  someoneWaits,
)

/** It had read everything before another took its lane over and went on. */
const zombie = command(
  'a worker wakes after it has lost its lane',
  async (model, system) => {
    const late = await system.take()
    const { lane, action } = await system.take()
    await expect(system.step(late.lane, late.action)).rejects.toThrow(LaneLostError)
    await system.step(lane, action)
    model.step()
    await expect(system.step(late.lane, late.action)).rejects.toThrow()
  },
  someoneWaits,
)

/** The same worker does a chunk again, because it never heard whether it had committed. */
const twice = command(
  'a chunk is carried out twice',
  async (model, system) => {
    const { lane, action } = await system.take()
    await system.step(lane, action)
    model.step()
    await expect(system.step(lane, action)).rejects.toThrow()
  },
  someoneWaits,
)

const finish = command('workers carry everything out', async (model, system) => {
  await system.parts.expire(system.parts.projectId)
  await Promise.all([system.parts.worker().ring(), system.parts.worker().ring()])
  model.finish()
})

const write = (row: ModelRow): Command =>
  command(`write ${JSON.stringify(row)}`, async (model, system) => {
    const { writer, projectId, settings } = system.parts
    await writer.upsert({ projectId, requestId: 'v-single' }, () => readCustomer({ ...row }, settings))
    model.write(row)
  })

const remove = (sourceId: string): Command =>
  command(
    `delete ${sourceId}`,
    async (model, system) => {
      await system.parts.delete(sourceId)
      model.delete(sourceId)
    },
    (model) => model.customers.has(sourceId),
  )

const look = command('look', (model, system) => system.expectToBe(model))

const sourceId = fc.constantFrom('a', 'b', 'c', 'd')
const name = fc.constantFrom('Ada', 'Grace', 'Edsger')
const row = fc.record({ source_id: sourceId, name: fc.oneof({ weight: 8, arbitrary: name }, fc.constant(5)) })
const chunks = fc.array(fc.array(row, { minLength: 1, maxLength: 5 }), { maxLength: 4 })

const commands = fc.commands(
  [
    chunks.map(schedule),
    chunks.map(schedule),
    fc.tuple(fc.constantFrom('key 1', 'key 2'), chunks).map(([key, rows]) => scheduleUnder(key, rows)),
    fc.record({ source_id: sourceId, name }).map(write),
    sourceId.map(remove),
    ...[step, step, crash, zombie, twice, finish, look].map((each) => fc.constant(each)),
  ],
  { maxCommands: 25 },
)

it('Whatever clients do and workers suffer, it is as if one thing had been done after the other', async () => {
  await fc.assert(
    fc.asyncProperty(commands, async (plan) => {
      const [system, model] = [await System.begin(), new SequentialModel()]
      await fc.asyncModelRun(() => ({ model, real: system }), plan)
      await finish.run(model, system)
      await system.expectToBe(model)
      await system.expectReportsOf(model)
    }),
    { numRuns: RUNS },
  )
})
