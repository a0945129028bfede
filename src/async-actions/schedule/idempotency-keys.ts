import { createHash, createHmac } from 'node:crypto'
import { type Row, type Session } from '../../database/index.js'
import { RequestError } from '../../kernel/index.js'

/** What a client calls a request by, so that it may repeat it, and what it sent under that name. */
export interface IdempotencyKey {
  readonly key: string
  /** SHA-256 of the content as it was sent. */
  readonly contentHash: Uint8Array
}

/** Lasts to the end of the transaction, that of a process which died included. */
const TRY_LOCK = `SELECT pg_try_advisory_xact_lock(hashtextextended('idempotency:' || $1 || $2, 0)) AS is_ours`

const FIND = `
  SELECT fingerprint, async_action_id FROM idempotency_keys WHERE project_id = $1 AND key_hash = $2`

const KEEP = `
  INSERT INTO idempotency_keys (project_id, key_hash, fingerprint, async_action_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING`

/** Seconds: storing a request of 10 MB takes a fraction of one. */
const RETRY_AFTER = '1'

/**
 * The action that was accepted under the key, if there is one; throws the 422 of a key that stands for something else.
 */
export async function acceptedUnder(
  session: Session,
  projectId: string,
  operation: string,
  key: IdempotencyKey,
): Promise<string | undefined> {
  const kept = await session.row<Row & { fingerprint: Buffer; async_action_id: string }>(FIND, [
    projectId,
    hashOf(key),
  ])
  if (kept === undefined) return undefined
  if (!kept.fingerprint.equals(fingerprintOf(operation, key))) throw keyReused()
  return kept.async_action_id
}

/**
 * Lets one transaction at a time use the key, and then does as {@link acceptedUnder}. Throws a 409 when another is at
 * it: waiting would hold a connection for each repetition. Lock and look are two statements, because a look that began
 * before the lock was free would not see what its holder committed.
 */
export async function claimKey(
  session: Session,
  projectId: string,
  operation: string,
  key: IdempotencyKey,
): Promise<string | undefined> {
  const lock = await session.row<Row & { is_ours: boolean }>(TRY_LOCK, [
    projectId,
    hashOf(key).toString('hex'),
  ])
  if (lock?.is_ours !== true) throw keyInFlight()
  return acceptedUnder(session, projectId, operation, key)
}

/** Keeps the key with its action: both are there after the commit, or neither. */
export async function keepKey(
  session: Session,
  projectId: string,
  operation: string,
  key: IdempotencyKey,
  asyncActionId: string,
): Promise<void> {
  const parameters = [projectId, hashOf(key), fingerprintOf(operation, key), asyncActionId]
  // Cannot happen while the lock is held; should it, a second action must not.
  if ((await session.execute(KEEP, parameters)) !== 1) throw keyInFlight()
}

/** Clients put what they like into a key, personal data among it. */
const hashOf = ({ key }: IdempotencyKey): Buffer => createHash('sha256').update(key).digest()

/** Of no use without the key: nobody can find out from it by trying whether somebody was in a request. */
const fingerprintOf = (operation: string, { key, contentHash }: IdempotencyKey): Buffer =>
  createHmac('sha256', key).update(operation).update('\n').update(contentHash).digest()

const keyInFlight = (): RequestError =>
  new RequestError(
    409,
    'idempotency_key_in_flight',
    'Idempotency key in flight',
    'A request with this Idempotency-Key is just being stored; repeat it shortly.',
    { headers: { 'Retry-After': RETRY_AFTER } },
  )

const keyReused = (): RequestError =>
  new RequestError(
    422,
    'idempotency_key_reused',
    'Idempotency key reused',
    'This Idempotency-Key was used for a request with other content, or at another endpoint; take a new one.',
  )
