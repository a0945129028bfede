export { ApiKeys } from './api-keys.js'
export { ProjectDirectory, type ProjectKeys } from './project-directory.js'
export { ProjectsModule } from './projects.module.js'
export { hashSecret } from './secrets.js'
