/** `npm run faults`: makes the clone ready, turns faults/ into JavaScript beside the build, and runs it. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLONE, prepare } from './prepare.mjs'
import { transpile } from './transpile.mjs'

try {
  await prepare()
  const output = await transpile('faults', ['faults', 'rig'])
  const { faults } = await import(pathToFileURL(join(output, 'faults/main.js')))
  process.exitCode = await faults(process.argv.slice(2), CLONE)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
