import { randomUUID } from 'node:crypto'
import { type Settings } from '../config/index.js'
import { newAppToken, ProjectDirectory, type ProjectKeys } from '../projects/index.js'
import { type DataFolder } from './data-folder/data-folder.js'
import { readPrivately, writePrivately } from './data-folder/private-file.js'

const NAME = 'Demo project'

/**
 * Makes sure there is a project to begin with, and returns the keys to show:
 * - given in the settings: that project is there after every start; its keys are known and not shown;
 * - PostgreSQL of ours: keys are made up once and kept in the data folder;
 * - a given PostgreSQL without any project: one is created and its keys are shown this one time.
 * Keys that were revoked stay so, and it is said.
 */
export async function prepareDemoProject(
  settings: Settings,
  folder: DataFolder,
  databaseUrl: string,
  say: (line: string) => void,
): Promise<ProjectKeys | undefined> {
  const projects = new ProjectDirectory(databaseUrl)
  try {
    const { bootstrapAppId: appId, bootstrapAppToken: appToken } = settings
    if (appId !== undefined && appToken !== undefined) {
      if (!(await projects.ensure(NAME, { appId, appToken }))) say(isRevoked(appId, 'BOOTSTRAP_APP_ID'))
      return undefined
    }
    if (settings.databaseUrl === undefined) return await ensureKept(projects, folder, say)
    return (await projects.isEmpty()) ? await projects.create(NAME) : undefined
  } finally {
    await projects.close()
  }
}

/** The keys are written down before they are used: killed in between, the next start uses the same. */
async function ensureKept(
  projects: ProjectDirectory,
  folder: DataFolder,
  say: (line: string) => void,
): Promise<ProjectKeys | undefined> {
  const file = folder.file('demo-project.json')
  const kept = readPrivately(file) as ProjectKeys | undefined
  const keys = kept ?? { appId: randomUUID(), appToken: newAppToken() }
  if (!kept) writePrivately(file, keys)
  if (await projects.ensure(NAME, keys)) return keys
  say(isRevoked(keys.appId, file))
  return undefined
}

const isRevoked = (appId: string, source: string): string =>
  `The key ${appId} (${source}) was revoked and opens nothing: \`npm run -s rollcall -- project keys add\` makes another.`
