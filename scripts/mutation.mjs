/**
 * `npm run mutation`: changes the validators one place at a time and sees whether their tests notice (Stryker). It
 * has packages of its own, because nobody else needs them.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installPackages, isInstalled } from './install.mjs'
import { CLONE, prepare } from './prepare.mjs'

const FOLDER = join(CLONE, 'mutation')

try {
  await prepare()
  const args = process.argv.slice(2)
  if (!isInstalled(FOLDER)) await installPackages(FOLDER)
  process.chdir(CLONE)
  const { HELP, run } = await import(pathToFileURL(join(FOLDER, 'run.mjs')))
  if (args.includes('--help')) console.log(HELP)
  else process.exitCode = (await run(args)) ? 0 : 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
