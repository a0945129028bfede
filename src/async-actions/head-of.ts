/**
 * Of the open actions of a project the one whose turn it is: the first that was accepted. Positions are in the order
 * of acceptance, and an action is started only when its turn has come, so one in progress is always the first.
 */
export const headOf = (project: string, columns: string): string => `
  SELECT ${columns} FROM async_actions
  WHERE async_actions.project_id = ${project} AND finished_at IS NULL ORDER BY position LIMIT 1`
