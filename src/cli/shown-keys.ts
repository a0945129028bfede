import { type ProjectKeys } from '../projects/index.js'

/** What `project create` and `project keys add` print for programs. */
export const keysAsJson = (projectId: string, { appId, appToken }: ProjectKeys): string =>
  JSON.stringify({ project_id: projectId, app_id: appId, app_token: appToken })

/** And for people. */
export const keysInWords = (title: string, { appId, appToken }: ProjectKeys): string =>
  `${title}\n\n  X-App-Id     ${appId}\n  X-App-Token  ${appToken}\n\nKeep the token; it is not shown again.`
