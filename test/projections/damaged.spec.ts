import { Client } from 'pg'
import { ASYNC_ACTION_EVENT_TYPES } from '../../src/async-actions/index.js'
import { CUSTOMER_EVENT_TYPES, CUSTOMER_TOTALS, CUSTOMERS_PROJECTION } from '../../src/customers/index.js'
import { createDataSource, Database } from '../../src/database/index.js'
import { EventStore } from '../../src/event-store/index.js'
import { Rebuilder, type Rebuilt } from '../../src/projections/index.js'
import { runCommand, startCommand } from '../support/command-line.js'
import { eventually, Rollcall } from '../support/rollcall.js'

let rollcall: Rollcall

beforeEach(async () => {
  rollcall = await Rollcall.start()
})
afterEach(() => rollcall.stop())

const create = async (sourceId: string, name: string): Promise<string> => {
  const body = { source_id: sourceId, name }
  return (await rollcall.call<{ id: string }>('POST', '/v1/customers', { body })).body.id
}
const rebuild = (...options: string[]) =>
  runCommand(rollcall.database.url, 'projections', 'rebuild', ...options)
const rows = () =>
  rollcall.query<{ id: string; source_id: string }>('SELECT id, source_id FROM customers ORDER BY id')

/** A rebuild in this process, during which something happens after the events of a stream were read. */
async function rebuildWhile(happens: () => Promise<unknown>): Promise<Rebuilt> {
  const dataSource = createDataSource(rollcall.database.url, { poolSize: 1, name: 'rollcall test' })
  await dataSource.initialize()
  const events = new EventStore()
  events.register(CUSTOMER_EVENT_TYPES)
  events.register(ASYNC_ACTION_EVENT_TYPES)
  const read = events.readStream.bind(events)
  let once: () => Promise<unknown> = happens
  events.readStream = async (...args) => {
    const found = await read(...args)
    const now = once
    once = () => Promise.resolve()
    await now()
    return found
  }
  const options = { repair: true, onProgress: () => undefined }
  try {
    return await new Rebuilder(new Database(dataSource), events, options).rebuild(
      [CUSTOMERS_PROJECTION],
      CUSTOMER_TOTALS,
    )
  } finally {
    await dataSource.destroy()
  }
}

describe('A customer whose row was lost, and whose name was given to another,', () => {
  it('is named and left, and all others are put back', async () => {
    const lost = await create('c-1', 'old')
    const other = await create('z-9', 'other')
    await rollcall.query('DELETE FROM customers')
    const taken = await create('c-1', 'new')

    const { status, stdout, stderr } = await rebuild()
    expect([status, stderr]).toEqual([
      1,
      `1 could not be put right, because a newer customer has their source_id: ${lost}. What happened to them stays in their events.\n`,
    ])
    expect(stdout).toContain(`customers ${lost}`)
    expect((await rows()).map(({ id }) => id)).toEqual([other, taken].sort())
    expect(await rollcall.query('SELECT customers::int FROM customer_counters')).toEqual([{ customers: 2 }])
    const left = [expect.objectContaining({ id: lost })]
    expect(JSON.parse((await rebuild('--json')).stdout)).toMatchObject({ differences: left, left })
  })

  it('is left also when that happens while it is being put back', async () => {
    const lost = await create('c-1', 'old')
    await rollcall.query('DELETE FROM customers')
    const { left } = await rebuildWhile(() => create('c-1', 'new'))
    expect(left.map(({ id }) => id)).toEqual([lost])
    expect(await rows()).toEqual([{ id: expect.not.stringMatching(lost) as string, source_id: 'c-1' }])
    expect(await rollcall.query('SELECT customers::int FROM customer_counters')).toEqual([{ customers: 1 }])
  })

  it('is left also when both rows are gone: the newer one is put back', async () => {
    const lost = await create('c-1', 'old')
    await rollcall.query('DELETE FROM customers')
    const taken = await create('c-1', 'new')
    await rollcall.query('DELETE FROM customers')
    expect((await rebuild()).stderr).toContain(lost)
    expect((await rows()).map(({ id }) => id)).toEqual([taken])
  })
})

describe('What is put back', () => {
  it('does not bring back a name that is being erased', async () => {
    const id = await create('d-1', 'Ada')
    await rollcall.call('DELETE', '/v1/customers/d-1')
    await rollcall.query(`UPDATE deleted_customers SET source_id = 'wrong'`)
    let erasing: Promise<{ status: number }> | undefined
    await rebuildWhile(async () => {
      erasing = rollcall.call('POST', `/v1/customers/${id}/permanent-deletion`)
      await eventually('the erasure waits, or is done', async () => {
        const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
        const done = 'SELECT FROM permanent_deletions'
        return [...(await rollcall.query(waiting)), ...(await rollcall.query(done))].length > 0 || undefined
      })
    })
    expect((await erasing)?.status).toBe(200)
    expect(await rollcall.query('SELECT FROM deleted_customers')).toEqual([])
    expect((await rebuild('--check')).status).toBe(0)
  })

  it('waits for a row that is held for longer than anybody waits', async () => {
    await create('c-1', 'right')
    await rollcall.query(`UPDATE customers SET document = '{"name":"wrong"}'`)
    const holder = new Client({ connectionString: rollcall.database.url })
    await holder.connect()
    await holder.query('BEGIN; SELECT FROM customers FOR UPDATE')
    const command = startCommand(rollcall.database.url, 'projections', 'rebuild')
    const attempts = new Set<string>()
    await eventually('it has tried twice', async () => {
      const [waiting] = await rollcall.query<{ begun: string }>(
        `SELECT xact_start::text AS begun FROM pg_stat_activity
         WHERE application_name = 'rollcall projections rebuild' AND datname = current_database() AND wait_event_type = 'Lock'`,
      )
      if (waiting) attempts.add(waiting.begun)
      return attempts.size === 2 || undefined
    })
    await holder.query('COMMIT')
    await holder.end()
    expect(await command.ended).toMatchObject({ status: 0, stderr: '' })
    expect(await rollcall.query('SELECT document::json AS document FROM customers')).toEqual([
      { document: expect.objectContaining({ name: 'right' }) as object },
    ])
  })
})
