import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLONE, prepare } from './prepare.mjs'
import { transpile } from './transpile.mjs'

/**
 * Makes the clone ready, turns the TypeScript of a folder into JavaScript beside the build, and runs what its main file
 * exports under the folder's name. Its result is the exit code.
 */
export async function runProgram(folder) {
  try {
    await prepare()
    const output = await transpile(folder, [folder, 'rig'])
    const main = await import(pathToFileURL(join(output, folder, 'main.js')))
    process.exitCode = await main[folder](process.argv.slice(2), CLONE)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
