export { ApiKeys } from './api-keys.js'
export {
  type ListedKey,
  type ListedProject,
  ProjectDirectory,
  type ProjectKeys,
} from './project-directory.js'
export { ProjectsModule } from './projects.module.js'
export { Projects } from './projects.js'
export { hashSecret, newAppToken } from './secrets.js'
