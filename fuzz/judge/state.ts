import { type Client } from 'pg'

/**
 * What a refused request must leave as it was. Whatever changes customers and actions appends an event; what else is
 * stored is counted. Rows that wait belong to an action, or were left behind.
 */
const STATE = `
  SELECT
    (SELECT concat(transaction_id, '/', position) FROM appends
     ORDER BY transaction_id DESC, position DESC LIMIT 1) AS event,
    (SELECT count(*) FROM access_tokens) AS "access tokens",
    (SELECT count(*) FROM idempotency_keys) AS "idempotency keys",
    (SELECT count(*) FROM permanent_deletions) AS "receipts of erasures",
    (SELECT count(*) FROM api_keys) AS keys,
    (SELECT count(*) FROM projects) AS projects,
    (SELECT count(*) FROM audit_log) AS "entries of the audit log",
    (SELECT sum(customers) FROM customer_counters) AS customers,
    (SELECT count(*) FROM async_action_payloads p WHERE NOT EXISTS (
       SELECT FROM async_actions a WHERE a.project_id = p.project_id AND a.id = p.async_action_id)) AS "rows of nobody"`

export type State = Readonly<Record<string, unknown>>

export async function lookAt(admin: Client): Promise<State> {
  const { rows } = await admin.query<Record<string, unknown>>(STATE)
  return rows[0] ?? {}
}

/** What differs, in words. */
export const changesBetween = (before: State, after: State): string[] =>
  Object.keys(after)
    .filter((name) => String(before[name]) !== String(after[name]))
    .map((name) => `${name}: ${String(before[name])} became ${String(after[name])}`)
