import { type Command } from 'commander'
import { type ListedProject } from '../../projects/index.js'
import { type CommandContext } from '../context.js'
import { inDirectory } from '../in-directory.js'
import { keysAsJson, keysInWords } from '../shown-keys.js'
import { parseProjectName } from '../project-name.js'
import { addProjectKeys } from './project-keys.js'

/** `project create`, `project list` and `project keys …`: tenants and what opens them. */
export function addProject(program: Command, context: CommandContext): void {
  const project = program.command('project').description('work with projects')
  addCreate(project, context)
  addList(project, context)
  addProjectKeys(project, context)
}

function addCreate(project: Command, { databaseUrl, print }: CommandContext): void {
  project
    .command('create')
    .description('create a project and print its keys; the token is shown this one time')
    .argument('<name>', 'what to call it, 1 to 200 characters')
    .option('--json', 'print {"project_id","app_id","app_token"} and nothing else')
    .action(async (given: string, { json }: { json?: true }) => {
      const name = parseProjectName(given)
      const created = await inDirectory(databaseUrl(), (projects) => projects.create(name))
      const title = `Created project "${name}" (${created.projectId}).`
      print(json ? keysAsJson(created.projectId, created) : keysInWords(title, created))
    })
}

function addList(project: Command, { databaseUrl, print }: CommandContext): void {
  project
    .command('list')
    .description('list all projects: ids, names, and the app ids of keys that were not revoked')
    .option('--json', 'print {"projects":[{"project_id","name","app_ids"}]} and nothing else')
    .action(async ({ json }: { json?: true }) => {
      const listed = await inDirectory(databaseUrl(), (projects) => projects.list())
      print(json ? listAsJson(listed) : listInWords(listed))
    })
}

const listAsJson = (listed: readonly ListedProject[]): string =>
  JSON.stringify({
    projects: listed.map(({ id, name, appIds }) => ({ project_id: id, name, app_ids: appIds })),
  })

const listInWords = (listed: readonly ListedProject[]): string =>
  listed.length === 0
    ? 'There is no project yet: project create makes one.'
    : listed.map(({ id, name, appIds }) => `${id}  ${name}  (${appIds.join(', ') || 'no key'})`).join('\n')
