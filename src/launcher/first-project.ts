import { randomUUID } from 'node:crypto'
import { type Settings } from '../config/index.js'
import { newAppToken, ProjectDirectory, type ProjectKeys } from '../projects/index.js'
import { type DataFolder } from './data-folder/data-folder.js'
import { readKeptKeys } from './data-folder/kept-keys.js'
import { writePrivately } from './data-folder/private-file.js'

const DEMO = 'Demo project'
const BOOTSTRAP = 'Bootstrap project'

interface Options {
  readonly settings: Settings
  readonly folder: DataFolder
  /** As the owner of the tables. */
  readonly ownerUrl: string
  readonly say: (line: string) => void
}

/**
 * Makes sure there is a project to begin with, and returns the keys to show:
 * - given in the settings: that project is there after every start; its keys are known and not shown;
 * - PostgreSQL of ours: keys are made up once and kept in the data folder; in production shown only then;
 * - a given PostgreSQL without any project: one is created and its keys are shown this one time.
 * Keys that were revoked stay so, and it is said.
 */
export async function prepareFirstProject(options: Options): Promise<ProjectKeys | undefined> {
  const { settings, ownerUrl, say } = options
  const projects = new ProjectDirectory(ownerUrl)
  try {
    const { bootstrapAppId: appId, bootstrapAppToken: appToken } = settings
    if (appId !== undefined && appToken !== undefined) {
      if (!(await projects.ensure(BOOTSTRAP, { appId, appToken }))) say(isRevoked(appId, 'BOOTSTRAP_APP_ID'))
      return undefined
    }
    if (settings.databaseUrl === undefined) return await ensureKept(projects, options)
    return (await projects.isEmpty()) ? await projects.create(DEMO) : undefined
  } finally {
    await projects.close()
  }
}

/** The keys are written down before they are used: killed in between, the next start uses the same. */
async function ensureKept(
  projects: ProjectDirectory,
  { settings, folder, say }: Options,
): Promise<ProjectKeys | undefined> {
  const file = folder.file('demo-project.json')
  const isProduction = settings.nodeEnv === 'production'
  const kept = readKeptKeys(file, { isProduction })
  const keys = kept ?? { appId: randomUUID(), appToken: newAppToken() }
  if (!kept) writePrivately(file, keys)
  if (!(await projects.ensure(DEMO, keys))) {
    say(isRevoked(keys.appId, file))
    return undefined
  }
  return kept && isProduction ? undefined : keys
}

const isRevoked = (appId: string, source: string): string =>
  `The key ${appId} (${source}) was revoked and opens nothing. Another one for its project: \`npm run -s rollcall -- project list\` shows the project's id, \`… project keys add <id>\` makes the key.`
