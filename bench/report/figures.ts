import { type Spread, spreadOf } from '../statistics.js'

/** One figure of a run, to be found again in another run by its name. */
export interface Figure extends Spread {
  /** Such as `typical new, 0 present: bare limit ÷ Rollcall`. */
  readonly name: string
  readonly unit: Unit
}

/** A ratio is the better the higher it is, a multiple the lower. */
export type Unit = 's' | 'ms' | 'rows/s' | 'bytes/s' | 'bytes' | 'ratio' | 'multiple'

export const figure = (name: string, unit: Unit, spread: Spread): Figure => ({ name, unit, ...spread })

/** Something that was measured once. */
export const single = (name: string, unit: Unit, value: number): Figure =>
  figure(name, unit, spreadOf([value]))

export const isMoreBetter = (unit: Unit): boolean => ['rows/s', 'bytes/s', 'ratio'].includes(unit)

const FORMATS: Record<Unit, (value: number) => string> = {
  s: (value) => `${value.toFixed(2)} s`,
  ms: (value) => `${value.toFixed(1)} ms`,
  'rows/s': (value) => `${(value / 1e3).toFixed(1)} k/s`,
  'bytes/s': (value) => `${(value / 1e6).toFixed(1)} MB/s`,
  bytes: (value) => (value < 1e5 ? `${value.toFixed(0)} B` : `${(value / 1e6).toFixed(0)} MB`),
  ratio: (value) => value.toFixed(2),
  multiple: (value) => `${value.toFixed(2)} ×`,
}

export const show = (unit: Unit, value: number): string =>
  Number.isNaN(value) ? 'not told' : FORMATS[unit](value)
