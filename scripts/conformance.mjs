/** `npm run conformance -- --base-url …`: see test/contract/command.ts. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.mjs'
import { transpile } from './transpile.mjs'

try {
  await prepare()
  const output = await transpile('conformance', ['test/contract', 'test/support'])
  const { conformance } = await import(pathToFileURL(join(output, 'test/contract/command.js')))
  process.exitCode = await conformance(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
}
