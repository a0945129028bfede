import { type Edit } from '../../rig/breed.js'

/** A defect that the checker must find, made of a build, never of the sources. */
export interface Mutant {
  readonly name: string
  /** What is wrong with it, in one sentence. */
  readonly claim: string
  readonly edits: readonly Edit[]
  /** Names of the faults that bring it out. */
  readonly faults: readonly string[]
  /** What the checker says then: it must be caught for what is wrong with it. */
  readonly symptom: RegExp
}

const LANES = 'async-actions/run/lanes.js'
const LOG = 'event-store/read-log.js'

/** Whoever asks for the lane gets it. */
const NO_FENCE: Edit = {
  file: LANES,
  from: 'WHERE project_id = $1 AND fence = $3',
  to: 'WHERE project_id = $1 AND $3::bigint IS NOT NULL',
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no-fence',
    claim: 'a worker writes on although another has its lane',
    edits: [NO_FENCE],
    faults: ['worker frozen past its lease', 'worker stuck past its lease'],
    symptom: /by who had lost the lane/,
  },
  {
    name: 'no-chunk-guard',
    claim: 'a chunk is recorded whatever was recorded before',
    edits: [
      {
        file: 'event-store/append-to-streams.js',
        from: 'SELECT $1, e.stream_id, e.version,',
        to: `SELECT $1, e.stream_id, CASE WHEN e.stream_id NOT LIKE 'aa\\\\_%' THEN e.version ELSE
          row_number() OVER (PARTITION BY e.stream_id ORDER BY e.version) + coalesce((
            SELECT max(version) FROM events b WHERE b.project_id = $1 AND b.stream_id = e.stream_id), 0) END,`,
      },
      {
        file: 'async-actions/status/async-action-status.projection.js',
        from: 'SET version = $3,',
        to: 'SET version = version + 1,',
      },
      {
        file: 'async-actions/status/async-action-status.projection.js',
        from: 'AND version = $3 - 1',
        to: 'AND $3::int IS NOT NULL',
      },
      {
        file: 'async-actions/report/async-action-report.projection.js',
        from: 'VALUES ($1, $2, $3, $4, $5)',
        to: 'VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING',
      },
    ],
    faults: ['COMMIT arrives after its connection broke'],
    symptom: /its counts are/,
  },
  {
    name: 'actions-instead-of-lanes',
    claim: 'workers take the next action that nobody has, instead of the lane',
    edits: [
      NO_FENCE,
      { file: LANES, from: 'lane.lease_until IS NULL OR', to: 'true OR' },
      {
        file: 'async-actions/async-action.repository.js',
        from: 'session.row(SELECT_HEAD,',
        to: `session.row(SELECT_HEAD.replace('ORDER BY', "AND status = 'ENQUEUED' ORDER BY") + ' FOR UPDATE SKIP LOCKED',`,
      },
    ],
    faults: ['connections to Redis cut'],
    symptom: /before .* had ended|after what comes later/,
  },
  {
    name: 'position-only-checkpoint',
    claim: 'a reader of the log remembers the position alone, and not the transaction',
    edits: [
      {
        file: LOG,
        from: '(transaction_id, position) > ($1::xid8, $2::bigint)',
        to: '$1::xid8 IS NOT NULL AND position > $2::bigint',
      },
      {
        file: LOG,
        from: 'ORDER BY transaction_id, position',
        to: 'ORDER BY position',
      },
      {
        file: LOG,
        from: 'ORDER BY append.transaction_id, append.position',
        to: 'ORDER BY append.position',
      },
    ],
    faults: ['connections to Redis cut'],
    symptom: /reader of the log never got/,
  },
  {
    name: 'impatient-reader',
    claim: 'a reader of the log does not wait for transactions that are still running',
    edits: [{ file: LOG, from: 'transaction_id < pg_snapshot_xmin(pg_current_snapshot())', to: 'true' }],
    faults: ['connections to Redis cut'],
    symptom: /reader of the log never got/,
  },
]
