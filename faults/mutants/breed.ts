import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Build, loadBuild } from '../stage/build.js'
import { type Edit } from './mutants.js'

export interface Breed {
  readonly name: string
  /** Folder of the build that is changed. */
  readonly of: string
  readonly edits: readonly Edit[]
}

/** A copy of a build with changes in it. An edit that fits nowhere, or twice, is out of date. */
export function breed(clone: string, { name, of, edits }: Breed): Build {
  const folder = join(clone, '.prepare', 'mutants', name)
  rmSync(folder, { recursive: true, force: true })
  cpSync(of, folder, { recursive: true })
  // It lies beside every build, which reads its version from it.
  cpSync(join(clone, 'package.json'), join(folder, '..', 'package.json'))
  for (const edit of edits) apply(folder, edit)
  return loadBuild(folder)
}

function apply(folder: string, { file, from, to }: Edit): void {
  const path = join(folder, file)
  const [before, after, ...more] = readFileSync(path, 'utf8').split(from)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`A mutant has to change ‘${from}’ in ${file}, which is not there exactly once.`)
  writeFileSync(path, before + to + after)
}
