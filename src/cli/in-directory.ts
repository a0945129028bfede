import { ProjectDirectory } from '../projects/index.js'
import { onDatabase } from './on-database.js'

/** Works with the projects of a database, and lets go of it. */
export function inDirectory<T>(
  databaseUrl: string,
  work: (projects: ProjectDirectory) => Promise<T>,
): Promise<T> {
  return onDatabase(async () => {
    const projects = new ProjectDirectory(databaseUrl)
    try {
      return await work(projects)
    } finally {
      await projects.close()
    }
  })
}
