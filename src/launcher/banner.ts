import { type ProjectKeys } from '../projects/index.js'

/**
 * What a newcomer needs to make the first call: addresses, keys, and commands to paste. Its customers are not those of
 * the tour in README.md, whose report depends on who is known already.
 */
export function apiBanner(
  baseUrl: string,
  keys: ProjectKeys | undefined,
  { shownAgain }: { shownAgain: boolean },
): string {
  const shown = keys ?? { appId: '<app id>', appToken: '<app token>' }
  const headers = `-H 'X-App-Id: ${shown.appId}' -H 'X-App-Token: ${shown.appToken}'`
  return `
Rollcall is ready.

  API         ${baseUrl}
  Swagger UI  ${baseUrl}/docs
${keys ? keyLines(keys, shownAgain) : KEYS_UNKNOWN}
Send two customers:

  curl -X POST ${baseUrl}/v1/customers/bulk/async ${headers} -H 'Content-Type: application/json' \\
    -d '[{"source_id":"grace@example.com","name":"Grace"},{"source_id":"linus@example.com","metadata":{"lang":"en"}}]'

See what became of them, with the async_action_id of the answer in place of ID:

  curl ${baseUrl}/v1/async-actions/ID ${headers}

Stop with Ctrl-C.
`
}

const KEYS_UNKNOWN = `
The keys of your projects are not shown here. More of them, and more projects:
  npm run -s rollcall -- project list
  npm run -s rollcall -- project keys add <project id>
  npm run -s rollcall -- project create "My project"
`

function keyLines({ appId, appToken }: ProjectKeys, shownAgain: boolean): string {
  return `
  Demo project
    X-App-Id     ${appId}
    X-App-Token  ${appToken}
${shownAgain ? '' : '\nKeep the token; it is not shown again.\n'}`
}
