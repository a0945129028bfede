import { Client } from 'pg'
import { runCommand, startCommand } from '../support/command-line.js'
import { dumpOf } from '../support/dump.js'
import { expectInvariants } from '../support/invariants.js'
import { formOf } from '../support/multipart.factory.js'
import { eventually, Rollcall } from '../support/rollcall.js'

interface Rebuilt {
  readonly streams: number
  readonly differences: { project_id: string; table: string; id: string }[]
}

describe('npm run rollcall -- projections rebuild', () => {
  let rollcall: Rollcall

  beforeEach(async () => {
    rollcall = await Rollcall.start({ env: { CHUNK_BYTES: '3000' } })
  })
  afterEach(() => rollcall.stop())

  async function rebuild(...options: string[]): Promise<{ status: number | null; rebuilt: Rebuilt }> {
    const { status, stdout, stderr } = await runCommand(
      rollcall.database.url,
      'projections',
      'rebuild',
      '--json',
      ...options,
    )
    if (stdout === '') throw new Error(stderr)
    return { status, rebuilt: JSON.parse(stdout) as Rebuilt }
  }

  /** Every row of every table; of actions the turns that wait, and not the numbers by which they are told. */
  async function snapshot(): Promise<string[]> {
    const rows = await dumpOf((sql) => rollcall.query(sql))
    const actions = await rollcall.query<{ row: string }>(
      `SELECT (to_jsonb(a) - 'position' - 'attempts')::text AS row FROM async_actions a
       ORDER BY finished_at IS NULL, CASE WHEN finished_at IS NULL THEN position END, id`,
    )
    return [
      ...rows.filter((row) => !row.startsWith('async_actions ')).sort(),
      ...actions.map(({ row }) => row),
    ]
  }

  const expectNothingToDiffer = async (): Promise<void> => {
    expect(await rebuild('--check')).toMatchObject({ status: 0, rebuilt: { differences: [] } })
  }

  const accepted = async (method: string, path: string, options: object): Promise<void> => {
    const answer = await rollcall.call<{ async_action_id: string }>(method, path, options)
    expect(answer.status).toBe(202)
    await rollcall.finished(answer.body.async_action_id)
  }

  /** Something of everything that can happen to customers. */
  async function live(): Promise<void> {
    const customers = Array.from({ length: 120 }, (_, n) => ({
      source_id: `c-${n}`,
      name: n % 10 === 3 ? 5 : `Customer ${n}`,
      address: n % 2 ? { city: 'Rome' } : null,
      metadata: { n, 10: 'ten', 2: 'two' },
    }))
    await rollcall.finished(await rollcall.bulk(customers))
    await rollcall.finished(
      await rollcall.bulk(
        [...customers.slice(0, 60), ...customers.slice(40, 50)].map((c) => ({ ...c, name: 'again' })),
      ),
    )
    await rollcall.finished(await rollcall.bulk([]))
    await accepted('POST', '/v1/customers/metadata/async', {
      body: { source_ids: ['c-1', 'c-2', 'unknown'], metadata: { vip: true } },
    })
    const file = formOf([
      {
        name: 'file',
        filename: 'c.csv',
        type: 'text/csv',
        content: 'Name,Source_id\nAda,csv-1\nGrace,c-1\n',
      },
    ])
    await accepted('POST', '/v1/customers/importCSV', { body: file.body, headers: file.headers })
    await rollcall.call('POST', '/v1/customers', { body: { name: 'without a source id' } })
    await rollcall.call('PUT', '/v1/customers/c-5', { body: { email: 'ada@example.com', name: null } })
    await rollcall.call('DELETE', '/v1/customers/c-6')
    await rollcall.call('POST', '/v1/customers', { body: { source_id: 'c-6', name: 'back' } })
    for (const gone of ['c-7', 'c-8']) await rollcall.call('DELETE', `/v1/customers/${gone}`)
    for (const person of ['c-8', 'c-9'])
      expect((await rollcall.call('POST', `/v1/customers/${person}/permanent-deletion`)).status).toBe(200)
  }

  it('finds every row as its events say, whatever happened', async () => {
    await live()
    const { status, rebuilt } = await rebuild('--check')
    expect(rebuilt.differences).toEqual([])
    expect([status, rebuilt.streams]).toEqual([0, 118 + 5])
    const before = await snapshot()
    expect(await rebuild()).toMatchObject({ status: 0, rebuilt: { differences: [] } })
    expect(await snapshot()).toEqual(before)
  })

  it('puts back what is gone, takes away what should not be there, and mends what is wrong', async () => {
    await live()
    await rollcall.stopWorkers()
    const waiting = [await rollcall.bulk([{ source_id: 'w-1' }]), await rollcall.bulk([{ source_id: 'w-2' }])]
    const before = await snapshot()
    const { projectId } = rollcall.keys
    for (const harm of [
      `UPDATE customers SET document = '{"name":"wrong"}' WHERE source_id = 'c-1'`,
      `UPDATE customers SET updated_at = updated_at + interval '1 microsecond' WHERE source_id = 'c-5'`,
      `DELETE FROM customers WHERE source_id IN ('c-2', 'c-3', 'c-11')`,
      `INSERT INTO customers (project_id, id, source_id, version, created_at, document)
       VALUES ('${projectId}', 'cust_zzzzzzzzzzzzzzzzzzzzzzzz', 'nobody', 1, now(), '{}')`,
      `DELETE FROM deleted_customers`,
      `UPDATE customer_counters SET customers = 7`,
      `UPDATE async_actions SET rows_failed = 99 WHERE finished_at IS NOT NULL`,
      `DELETE FROM async_actions WHERE id = '${waiting[0] ?? ''}'`,
      `UPDATE async_action_reports SET csv = replace(csv, 'true', 'false')`,
    ])
      await rollcall.query(harm)

    const { status, rebuilt } = await rebuild('--check')
    expect(status).toBe(1)
    expect(rebuilt.differences).toContainEqual({
      project_id: projectId,
      table: 'customers',
      id: 'cust_zzzzzzzzzzzzzzzzzzzzzzzz',
    })
    const tables = new Set(rebuilt.differences.map(({ table }) => table))
    expect([...tables].sort()).toEqual([
      'async_action_reports',
      'async_actions',
      'customer_counters',
      'customers',
      'deleted_customers',
    ])
    expect((await rebuild()).status).toBe(0)
    await expectNothingToDiffer()
    expect(await snapshot()).toEqual(before)

    await rollcall.startWorker()
    const [first, second] = await Promise.all(waiting.map((id) => rollcall.finished(id)))
    expect([first?.status, second?.status]).toEqual(['DONE', 'DONE'])
    await expectInvariants(rollcall)
  })

  it('names what differs, and nothing of whom', async () => {
    await rollcall.finished(await rollcall.bulk([{ source_id: 'ada', name: 'Ada Lovelace' }]))
    await rollcall.query(`UPDATE customers SET document = '{"name":"Grace Hopper"}'`)
    const checked = await runCommand(rollcall.database.url, 'projections', 'rebuild', '--check')
    expect(checked.status).toBe(1)
    expect(checked.stdout).toMatch(/^2 streams were replayed; 1 differed:\n {2}customers cust_\w+\n$/)
    expect(checked.stderr).toMatch(/without --check the command puts them right/)
    expect(checked.stdout + checked.stderr).not.toMatch(/ada|Lovelace|Hopper/i)
    const mended = await runCommand(rollcall.database.url, 'projections', 'rebuild')
    expect(mended).toMatchObject({ status: 0, stderr: '' })
    expect(mended.stdout).toMatch(/1 differed and was put right/)
  })

  it('finds nothing wrong while others write, and takes nothing away from them', async () => {
    const writing = new AbortController()
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; !writing.signal.aborted; n++)
        await rollcall.call('POST', '/v1/customers', {
          body: { source_id: `c-${n % 20}`, name: `${writer} ${n}` },
        })
    })
    const bulks = Array.from({ length: 3 }, (_, round) =>
      rollcall.bulk(
        Array.from({ length: 1_500 }, (_, n) => ({
          source_id: `c-${n}`,
          metadata: { [`round${round}`]: n },
        })),
      ),
    )
    const ids = await Promise.all(bulks)
    for (let time = 0; time < 3; time++) {
      await rollcall.query(`UPDATE customers SET document = '{}' WHERE source_id = 'c-19'`)
      const { status, rebuilt } = await rebuild()
      expect(status).toBe(0)
      expect(rebuilt.differences.every(({ table }) => table === 'customers')).toBe(true)
      expect(rebuilt.differences.length).toBeLessThan(2)
    }
    writing.abort()
    await Promise.all(writers)
    for (const id of ids) expect(await rollcall.finished(id)).toMatchObject({ result: { done_count: 1_500 } })
    await rebuild()
    await expectNothingToDiffer()
    await expectInvariants(rollcall)
  })

  it('leaves everything as it was when it is killed', async () => {
    await live()
    await rollcall.query(`UPDATE customers SET document = '{}' WHERE source_id = 'c-1'`)
    const before = await snapshot()
    const client = new Client({ connectionString: rollcall.database.url })
    await client.connect()
    try {
      // It has found what differs, and waits for the row.
      await client.query(`BEGIN; SELECT FROM customers WHERE source_id = 'c-1' FOR UPDATE`)
      const command = startCommand(rollcall.database.url, 'projections', 'rebuild')
      const isWaiting = `SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'rollcall projections rebuild' AND wait_event_type = 'Lock'`
      await eventually('the command waits', async () => (await rollcall.query(isWaiting))[0])
      command.kill()
      expect((await command.ended).status).toBeNull()
    } finally {
      await client.end()
    }
    expect(await snapshot()).toEqual(before)
    expect((await rebuild()).rebuilt.differences).toHaveLength(1)
    await expectNothingToDiffer()
  })
})
