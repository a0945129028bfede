import { randomUUID } from 'node:crypto'
import { type Settings } from '../config/index.js'
import { newAppToken, ProjectDirectory, type ProjectKeys } from '../projects/index.js'
import { type DataFolder } from './data-folder/data-folder.js'
import { KeptKeys } from './data-folder/kept-keys.js'
import { tellingTrouble } from './database-trouble.js'
import { sourceOfOwner } from './postgres/prepare-database.js'

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
 * A login that owns nothing leaves all of that to others. Keys that were revoked stay so, and it is said. Throws a
 * StartError.
 */
export async function prepareFirstProject(options: Options): Promise<ProjectKeys | undefined> {
  const projects = new ProjectDirectory(options.ownerUrl)
  try {
    return await tellingTrouble(sourceOfOwner(options.settings), () => ensureOne(projects, options))
  } finally {
    await projects.close()
  }
}

async function ensureOne(projects: ProjectDirectory, options: Options): Promise<ProjectKeys | undefined> {
  const { settings, say } = options
  const { bootstrapAppId: appId, bootstrapAppToken: appToken } = settings
  if (!(await projects.mayChange())) {
    if (appId !== undefined) say(LEFT_TO_OWNER)
    return undefined
  }
  if (appId !== undefined && appToken !== undefined) {
    if (!(await projects.ensure(BOOTSTRAP, { appId, appToken }))) say(ofRevoked(appId, 'BOOTSTRAP_APP_ID'))
    return undefined
  }
  return settings.databaseUrl === undefined ? ensureKept(projects, options) : projects.createFirst(DEMO)
}

/** The keys are written down before they are used: killed in between, the next start uses the same. */
async function ensureKept(
  projects: ProjectDirectory,
  { settings, folder, say }: Options,
): Promise<ProjectKeys | undefined> {
  const isProduction = settings.nodeEnv === 'production'
  const file = new KeptKeys(folder, isProduction)
  const kept = file.read()
  const keys = kept ?? { appId: randomUUID(), appToken: newAppToken() }
  if (!kept) file.write(keys)
  if (!(await projects.ensure(DEMO, keys))) {
    say(ofRevoked(keys.appId, file.path))
    return undefined
  }
  if (!kept || !isProduction) return keys
  say(`The keys of the demo project are in ${file.path}.`)
  return undefined
}

const LEFT_TO_OWNER =
  'The login of DATABASE_URL may make no projects: that of BOOTSTRAP_APP_ID is made, and given another token, by a start with OWNER_DATABASE_URL.'

const ofRevoked = (appId: string, source: string): string =>
  `The key ${appId} (${source}) was revoked and opens nothing. Another one for its project: \`npm run -s rollcall -- project list\` shows the project's id, \`… project keys add <id>\` makes the key.`
