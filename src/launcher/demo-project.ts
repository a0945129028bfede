import { randomBytes, randomUUID } from 'node:crypto'
import { type Settings } from '../config/index.js'
import { ProjectDirectory, type ProjectKeys } from '../projects/index.js'
import { type DataFolder } from './data-folder/data-folder.js'
import { readPrivately, writePrivately } from './data-folder/private-file.js'

const NAME = 'Demo project'

/**
 * Makes sure there is a project to begin with, and returns the keys to show:
 * - given in the settings: that project is there after every start; its keys are known and not shown;
 * - PostgreSQL of ours: keys are made up once and kept in the data folder;
 * - a given PostgreSQL without any project: one is created and its keys are shown this one time.
 */
export async function prepareDemoProject(
  settings: Settings,
  folder: DataFolder,
  databaseUrl: string,
): Promise<ProjectKeys | undefined> {
  const projects = new ProjectDirectory(databaseUrl)
  try {
    const { bootstrapAppId: appId, bootstrapAppToken: appToken } = settings
    if (appId !== undefined && appToken !== undefined) {
      await projects.ensure(NAME, { appId, appToken })
      return undefined
    }
    if (settings.databaseUrl === undefined) return await ensureKept(projects, folder)
    return (await projects.isEmpty()) ? await projects.create(NAME) : undefined
  } finally {
    await projects.close()
  }
}

/** The keys are written down before they are used: killed in between, the next start uses the same. */
async function ensureKept(projects: ProjectDirectory, folder: DataFolder): Promise<ProjectKeys> {
  const file = folder.file('demo-project.json')
  const kept = readPrivately(file) as ProjectKeys | undefined
  const keys = kept ?? { appId: randomUUID(), appToken: randomBytes(24).toString('hex') }
  if (!kept) writePrivately(file, keys)
  await projects.ensure(NAME, keys)
  return keys
}
