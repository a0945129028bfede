/** `npm run bench`: makes the clone ready, turns bench/ into JavaScript beside the build, and runs it. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLONE, prepare } from './prepare.mjs'
import { transpile } from './transpile.mjs'

try {
  await prepare()
  const output = await transpile('bench', ['bench', 'rig'])
  const { bench } = await import(pathToFileURL(join(output, 'bench/main.js')))
  process.exitCode = await bench(process.argv.slice(2), CLONE)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
