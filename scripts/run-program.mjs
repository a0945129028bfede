import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLONE, prepare } from './prepare.mjs'
import { transpile } from './transpile.mjs'

const WRONG_USAGE = 2

/**
 * Makes the clone ready, turns the TypeScript of a folder into JavaScript beside the build, and runs what its main file
 * exports under the folder's name. Its result is the exit code.
 */
export async function runProgram(folder) {
  try {
    const program = await load(folder)
    process.exitCode = await run(program)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}

async function load(folder) {
  await prepare()
  const output = await transpile(folder, [folder, 'rig'])
  const main = await import(pathToFileURL(join(output, folder, 'main.js')))
  return main[folder]
}

/** A program throws when it cannot read its arguments; whatever goes wrong later is in its result. */
async function run(program) {
  try {
    return await program(process.argv.slice(2), CLONE)
  } catch (error) {
    console.error(error.message)
    return WRONG_USAGE
  }
}
