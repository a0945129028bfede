import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A change to one file of a build. */
export interface Edit {
  readonly file: string
  readonly from: string
  readonly to: string
}

export interface Breed {
  readonly name: string
  /** Folder of the build that is changed. */
  readonly of: string
  readonly edits: readonly Edit[]
}

/** Makes a copy of a build with changes in it, and returns its folder. An edit that fits nowhere, or twice, is out of date. */
export function breed(clone: string, { name, of, edits }: Breed): string {
  const folder = join(clone, '.prepare', 'mutants', name)
  rmSync(folder, { recursive: true, force: true })
  cpSync(of, folder, { recursive: true })
  // It lies beside every build, which reads its version from it.
  cpSync(join(clone, 'package.json'), join(folder, '..', 'package.json'))
  for (const edit of edits) apply(folder, edit)
  return folder
}

function apply(folder: string, { file, from, to }: Edit): void {
  const path = join(folder, file)
  const [before, after, ...more] = readFileSync(path, 'utf8').split(from)
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`A mutant has to change ‘${from}’ in ${file}, which is not there exactly once.`)
  writeFileSync(path, before + to + after)
}
