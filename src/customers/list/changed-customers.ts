/**
 * Customers whose last change is in one of these appends, to stand behind FROM: a row has the version of its customer's
 * last event. Of an append no event is read.
 */
export const lastChangedIn = (appends: string): string => `${appends} AS a
  CROSS JOIN LATERAL unnest(a.stream_ids, a.versions) AS event (stream_id, version)
  CROSS JOIN LATERAL (
    SELECT * FROM customers
    WHERE project_id = $1 AND id = event.stream_id AND customers.version = event.version AND updated_at IS NOT NULL
    LIMIT 1) c`
