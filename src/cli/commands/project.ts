import { type Command } from 'commander'
import { ProjectDirectory } from '../../projects/index.js'
import { type CommandContext } from '../context.js'
import { onDatabase } from '../on-database.js'
import { parseProjectName } from '../project-name.js'

/** `project create`: a new tenant with keys of its own. */
export function addProject(program: Command, { databaseUrl, print }: CommandContext): void {
  const project = program.command('project').description('work with projects')
  project
    .command('create')
    .description('create a project and print its keys; the token is shown this one time')
    .argument('<name>', 'what to call it, 1 to 200 characters')
    .option('--json', 'print {"project_id","app_id","app_token"} and nothing else')
    .action(async (given: string, { json }: { json?: true }) => {
      const name = parseProjectName(given)
      const url = databaseUrl()
      const created = await onDatabase(() => createProject(url, name))
      print(json ? JSON.stringify(created) : inWords(name, created))
    })
}

interface CreatedProject {
  readonly project_id: string
  readonly app_id: string
  readonly app_token: string
}

async function createProject(databaseUrl: string, name: string): Promise<CreatedProject> {
  const projects = new ProjectDirectory(databaseUrl)
  try {
    const { projectId, appId, appToken } = await projects.create(name)
    return { project_id: projectId, app_id: appId, app_token: appToken }
  } finally {
    await projects.close()
  }
}

function inWords(name: string, { project_id, app_id, app_token }: CreatedProject): string {
  return `Created project "${name}" (${project_id}).\n\n  X-App-Id     ${app_id}\n  X-App-Token  ${app_token}\n\nKeep the token; it is not shown again.`
}
