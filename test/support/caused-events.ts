/** Events of this release with what caused them, which their append says; to stand behind FROM. */
export const CAUSED_EVENTS = `(
  SELECT events.project_id, stream_id, version, type, data, occurred_at, append_position, a.correlation_id, a.causation_id
  FROM events JOIN appends a ON a.project_id = events.project_id AND a.position = append_position)`
