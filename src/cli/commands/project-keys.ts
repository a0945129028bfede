import { type Command } from 'commander'
import { type ListedKey } from '../../projects/index.js'
import { CommandError } from '../command-error.js'
import { type CommandContext } from '../context.js'
import { inDirectory } from '../in-directory.js'
import { parseProjectId } from '../project-id.js'
import { keysAsJson, keysInWords } from '../shown-keys.js'

interface Options {
  readonly json?: true
}

/** `project keys add`, `list` and `revoke`: how the keys of a project are replaced while clients use them. */
export function addProjectKeys(project: Command, context: CommandContext): void {
  const keys = project
    .command('keys')
    .description('work with the keys of a project; to replace one: add, tell the clients, revoke')
  addAdd(keys, context)
  addList(keys, context)
  addRevoke(keys, context)
}

function addAdd(keys: Command, { databaseUrl, print }: CommandContext): void {
  keys
    .command('add')
    .description('give a project one more pair of keys; the token is shown this one time')
    .argument('<project-id>', 'the project, as project list shows it')
    .option('--json', 'print {"project_id","app_id","app_token"} and nothing else')
    .action(async (given: string, { json }: Options) => {
      const projectId = parseProjectId(given)
      const added = await inDirectory(databaseUrl(), (projects) => projects.addKey(projectId))
      if (added === undefined) throw noProject(projectId)
      const title = `The project has one more pair of keys; those it had go on working.`
      print(json ? keysAsJson(projectId, added) : keysInWords(title, added))
    })
}

function addList(keys: Command, { databaseUrl, print }: CommandContext): void {
  keys
    .command('list')
    .description('list the keys of a project; tokens are kept as hashes and cannot be shown')
    .argument('<project-id>', 'the project, as project list shows it')
    .option('--json', 'print {"keys":[{"app_id","created_at","revoked_at"}]} and nothing else')
    .action(async (given: string, { json }: Options) => {
      const projectId = parseProjectId(given)
      const listed = await inDirectory(databaseUrl(), (projects) => projects.listKeys(projectId))
      if (listed === undefined) throw noProject(projectId)
      print(json ? listAsJson(listed) : listed.map(inWords).join('\n'))
    })
}

function addRevoke(keys: Command, { databaseUrl, print }: CommandContext): void {
  keys
    .command('revoke')
    .description('revoke a key and the access tokens issued to it; all stop working within five seconds')
    .argument('<app-id>', 'the key, as project keys list shows it')
    .option('--json', 'print {"app_id","revoked_at"} and nothing else')
    .action(async (appId: string, { json }: Options) => {
      const revokedAt = await inDirectory(databaseUrl(), (projects) => projects.revokeKey(appId))
      if (revokedAt === undefined)
        throw new CommandError(`There is no key ${appId}: project keys list shows them.`)
      const since = revokedAt.toISOString()
      print(
        json ? JSON.stringify({ app_id: appId, revoked_at: since }) : `${appId} is revoked since ${since}.`,
      )
    })
}

const noProject = (projectId: string): CommandError =>
  new CommandError(`There is no project ${projectId}: project list shows them.`)

const listAsJson = (listed: readonly ListedKey[]): string =>
  JSON.stringify({
    keys: listed.map(({ appId, createdAt, revokedAt }) => ({
      app_id: appId,
      created_at: createdAt.toISOString(),
      revoked_at: revokedAt?.toISOString() ?? null,
    })),
  })

const inWords = ({ appId, createdAt, revokedAt }: ListedKey): string => {
  const end = revokedAt === null ? '' : `, revoked ${revokedAt.toISOString()}`
  return `${appId}  created ${createdAt.toISOString()}${end}`
}
