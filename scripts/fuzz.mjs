/** `npm run fuzz`: makes the clone ready, turns fuzz/ into JavaScript beside the build, and runs it. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLONE, prepare } from './prepare.mjs'
import { transpile } from './transpile.mjs'

try {
  await prepare()
  const output = await transpile('fuzz', ['fuzz', 'rig'])
  const { fuzz } = await import(pathToFileURL(join(output, 'fuzz/main.js')))
  process.exitCode = await fuzz(process.argv.slice(2), CLONE)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
