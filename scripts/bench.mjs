/** `npm run bench`: makes the clone ready, turns bench/*.ts into JavaScript beside the build, and runs it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CLONE, prepare } from './prepare.mjs'

try {
  await prepare()
  const { bench } = await import(pathToFileURL(join(await compileBench(), 'main.js')))
  process.exitCode = await bench(process.argv.slice(2), CLONE)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}

/** Types are checked by `npm run typecheck`; here they are only taken off, which takes no time. */
async function compileBench() {
  const { default: ts } = await import('typescript')
  const output = join(CLONE, '.prepare', 'bench')
  rmSync(output, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const compilerOptions = { target: 'ES2023', module: 'CommonJS', esModuleInterop: true }
  for (const file of readdirSync(join(CLONE, 'bench')).filter((name) => name.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(CLONE, 'bench', file), 'utf8'), {
      compilerOptions,
    })
    writeFileSync(join(output, `${basename(file, '.ts')}.js`), outputText)
  }
  return output
}
