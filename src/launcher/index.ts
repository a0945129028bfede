export { DataFolder } from './data-folder/data-folder.js'
export { databaseTrouble, isDatabaseTrouble } from './database-trouble.js'
export { isRunning } from './data-folder/processes.js'
export { RunningFile } from './data-folder/running-file.js'
