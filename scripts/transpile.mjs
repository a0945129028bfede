import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CLONE } from './prepare.mjs'

/**
 * Turns the TypeScript of some folders into JavaScript below `.prepare/<name>`, beside the build, and returns
 * where that is. Types are checked by `npm run typecheck`; here they are only taken off, which takes no time.
 */
export async function transpile(name, folders) {
  const { default: ts } = await import('typescript')
  const output = join(CLONE, '.prepare', name)
  const compilerOptions = { target: 'ES2023', module: 'CommonJS', esModuleInterop: true }
  rmSync(output, { recursive: true, force: true })
  for (const path of folders.flatMap(sourcesOf)) {
    const { outputText } = ts.transpileModule(readFileSync(join(CLONE, path), 'utf8'), { compilerOptions })
    const target = join(output, path.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, outputText)
  }
  return output
}

const sourcesOf = (folder) =>
  readdirSync(join(CLONE, folder), { recursive: true })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => join(folder, name))
