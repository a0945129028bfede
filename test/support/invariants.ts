import { type Customer, customerDecider } from '../../src/customers/domain/customer.js'
import { type CustomerEvent } from '../../src/customers/domain/customer.events.js'
import { fold } from '../../src/kernel/index.js'
import { CAUSED_EVENTS } from './caused-events.js'
import { type Rollcall } from './rollcall.js'

interface EventRow {
  stream_id: string
  version: number
  type: string
  data: unknown
  causation_id: string
}

interface CustomerRow {
  id: string
  source_id: string
  version: number
  document: object
}

/** What must hold after any run, whatever happened during it. Looks at the tables, not at the API. */
export async function expectInvariants(rollcall: Rollcall): Promise<void> {
  await expectReplayEqualsRows(rollcall)
  await expectActionsInTurn(rollcall)
  await expectEveryRowOnce(rollcall)
}

/** Streams are dense, and replaying them gives the customers that are there, no more and no less. */
async function expectReplayEqualsRows(rollcall: Rollcall): Promise<void> {
  const events = await rollcall.query<EventRow>(
    `SELECT stream_id, version, type, data::json FROM events WHERE stream_id LIKE 'cust%' ORDER BY project_id, stream_id, version`,
  )
  const replayed = new Map<string, { version: number; state: Customer }>()
  for (const { stream_id, version, ...event } of events) {
    const before = replayed.get(stream_id) ?? { version: 0, state: customerDecider.initialState }
    expect(version).toBe(before.version + 1)
    replayed.set(stream_id, { version, state: fold(customerDecider, before.state, [event as CustomerEvent]) })
  }
  for (const [id, { state }] of replayed) if (state.kind === 'deleted') replayed.delete(id)
  const rows = await rollcall.query<CustomerRow>(
    'SELECT id, source_id, version, document::json FROM customers',
  )
  for (const [id, { state }] of replayed) if (state.kind === 'deleted') replayed.delete(id)
  const live = rows.map(({ id, source_id: sourceId, version, document }) => [
    id,
    { version, state: { kind: 'known', sourceId, document: { address: null, ...document } } },
  ])
  expect(new Map(live as [string, unknown][])).toEqual(replayed)
}

/** Every effect of an action stands in the log before any effect of the action after it. */
async function expectActionsInTurn(rollcall: Rollcall): Promise<void> {
  const overlaps = await rollcall.query(
    `WITH span AS (
       SELECT a.project_id, a.position, min(e.append_position) AS first, max(e.append_position) AS last
       FROM async_actions a JOIN ${CAUSED_EVENTS} e ON e.project_id = a.project_id AND e.causation_id = a.id
       WHERE e.type <> 'AsyncActionScheduled' GROUP BY a.project_id, a.position)
     SELECT * FROM span earlier JOIN span later USING (project_id)
     WHERE earlier.position < later.position AND earlier.last > later.first`,
  )
  expect(overlaps).toEqual([])
}

/** Chunks were processed once each, in turn, and their outcomes are as many as the rows that came in. */
async function expectEveryRowOnce(rollcall: Rollcall): Promise<void> {
  const wrong = await rollcall.query(
    `SELECT a.id, a.row_count, a.rows_done, chunks, outcomes, effective, effects FROM async_actions a
     CROSS JOIN LATERAL (
       SELECT array_agg((data::json->>'chunk')::int ORDER BY version) AS chunks,
         coalesce(sum(length(data::json->>'outcomes')), 0) AS outcomes,
         coalesce(sum(length(regexp_replace(data::json->>'outcomes', '[^uc]', '', 'g'))), 0) AS effective
       FROM events e WHERE e.project_id = a.project_id AND e.stream_id = a.id AND e.type = 'AsyncActionChunkProcessed') processed
     CROSS JOIN LATERAL (
       SELECT count(*) AS effects FROM ${CAUSED_EVENTS} e
       WHERE e.project_id = a.project_id AND e.causation_id = a.id AND e.stream_id LIKE 'cust%') effects
     WHERE a.status = 'DONE' AND (a.rows_done <> a.row_count OR outcomes <> a.row_count OR effects <> effective
       OR (a.chunk_count > 0 AND chunks <> (SELECT array_agg(n ORDER BY n) FROM generate_series(0, a.chunk_count - 1) n)))`,
  )
  expect(wrong).toEqual([])
}
