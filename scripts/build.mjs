/** The compiled sources in dist: are they up to date, and bring them up to date. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { runTool } from './run-tool.mjs'

const STAMP = '.sources'

/** Whether dist was built from exactly these sources. */
export function isBuilt(clone) {
  const stamp = join(clone, 'dist', STAMP)
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourcesHash(clone)
}

/** Builds aside and then swaps, so that dist is never half-written for a start that runs from it. */
export async function buildSources(clone, workFolder) {
  console.error('Building …')
  const fresh = join(workFolder, 'dist')
  rmSync(fresh, { recursive: true, force: true })
  const hash = sourcesHash(clone)
  const config = writeBuildConfig(workFolder)
  await runTool(process.execPath, [nestCommand(clone), 'build', '--path', relative(clone, config)], {
    cwd: clone,
    failure: 'The sources could not be built. See the errors above',
  })
  rmSync(config)
  writeFileSync(join(fresh, STAMP), hash)
  swap(join(clone, 'dist'), fresh, join(workFolder, 'old'))
}

function nestCommand(clone) {
  return join(clone, 'node_modules', '@nestjs', 'cli', 'bin', 'nest.js')
}

/** The project's build settings with another output folder. */
function writeBuildConfig(workFolder) {
  const file = join(workFolder, 'tsconfig.json')
  writeFileSync(
    file,
    JSON.stringify({ extends: '../tsconfig.build.json', compilerOptions: { outDir: './dist' } }),
  )
  return file
}

function swap(live, fresh, old) {
  rmSync(old, { recursive: true, force: true })
  if (existsSync(live)) renameSync(live, old)
  renameSync(fresh, live)
  rmSync(old, { recursive: true, force: true })
}

/** One hash over the names and contents of everything that decides what the build yields. */
function sourcesHash(clone) {
  const settings = readdirSync(clone).filter((name) =>
    /^(tsconfig.*|nest-cli|package-lock)\.json$/.test(name),
  )
  const sources = filesIn(join(clone, 'src')).map((file) => relative(clone, file))
  const hash = createHash('sha256')
  for (const file of [...settings, ...sources].sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(clone, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}
