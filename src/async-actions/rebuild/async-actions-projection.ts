import { type Row } from '../../database/index.js'
import { type Projection } from '../../projections/index.js'
import { type AsyncActionEvent } from '../domain/async-action.events.js'
import { projectReport } from '../report/async-action-report.projection.js'
import { lockAcceptance } from '../schedule/acceptance-lock.js'
import { projectStatus } from '../status/async-action-status.projection.js'

const HOLD_LANE = 'SELECT FROM lanes WHERE project_id = $1 FOR UPDATE'

/** Whose turn it is stands in positions alone: of several open ones those that are put back must not come last. */
const OPEN = `
  SELECT id FROM public.async_actions
  WHERE project_id = $1 AND finished_at IS NULL ORDER BY position`

/** The status of actions, and the lines of their reports. Positions and attempts are the runner's own. */
export const ASYNC_ACTIONS_PROJECTION: Projection = {
  prefix: 'aa_',
  tables: [
    {
      name: 'async_actions',
      stream: 'id',
      columns: [
        ...['version', 'type', 'status', 'request_id', 'row_count', 'chunk_count', 'next_chunk', 'rows_done'],
        ...['rows_failed', 'failure', 'created_at', 'updated_at', 'finished_at', 'reports_available_till'],
        'payload_bytes',
      ],
      // Of two that were accepted, the later one has the later time.
      order: 'created_at',
    },
    { name: 'async_action_reports', stream: 'async_action_id', columns: ['chunk', 'csv', 'failures'] },
  ],

  async replay(session, projectId, events) {
    for await (const { streamId: asyncActionId, version, occurredAt, type, data } of events) {
      const event = { type, data } as unknown as AsyncActionEvent
      const projected = { projectId, asyncActionId, version, occurredAt, event }
      await projectStatus(session, projected)
      await projectReport(session, projected)
    }
  },

  async hold(session, projectId) {
    await lockAcceptance(session, projectId)
    await session.execute(HOLD_LANE, [projectId])
  },

  async companionsOf(session, projectId) {
    return (await session.rows<Row & { id: string }>(OPEN, [projectId])).map(({ id }) => id)
  },
}
