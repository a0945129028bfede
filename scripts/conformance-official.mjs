/** `npm run conformance:official -- <file or URL>`: see test/contract/official/check-official.ts. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare } from './prepare.mjs'
import { transpile } from './transpile.mjs'

try {
  await prepare()
  const output = await transpile('conformance-official', ['test/contract/official'])
  const { checkOfficial } = await import(
    pathToFileURL(join(output, 'test/contract/official/check-official.js'))
  )
  process.exitCode = await checkOfficial(process.argv.slice(2))
} catch (error) {
  console.error(error.message)
  process.exitCode = 2
}
