import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Options } from '../options.js'
import { type Machine } from '../../rig/machine.js'
import { type Figure } from './figures.js'

/** What a run leaves behind. */
export interface Results {
  readonly machine: Machine
  /** What was asked for; where the figures were written says nothing about them. */
  readonly options: Omit<Options, 'json'> & { readonly json?: undefined }
  readonly figures: readonly Figure[]
  /** Every single measurement, by part of the bench. */
  readonly details: Readonly<Record<string, unknown>>
}

export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`)
}

/** Throws when it is not a file of results. */
export function readResults(file: string): Results {
  const text = readFileSync(file, 'utf8')
  try {
    const results = JSON.parse(text) as Partial<Results>
    if (Array.isArray(results.figures) && results.machine !== undefined) return results as Results
  } catch {
    // Not even JSON: the same to whoever named the file.
  }
  throw new Error(`${file} does not hold figures of the bench.`)
}

/** Where the figures of a release are kept: named by the day of the run and the version. */
export function releaseFile(clone: string, { date }: Machine): string {
  const { version } = JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8')) as { version: string }
  return join(clone, 'bench', 'results', `${date.slice(0, 10)}-${version}.json`)
}
