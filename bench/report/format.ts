import { type Spread } from '../statistics.js'

const LABEL_WIDTH = 38
const CELL_WIDTH = 34

/** A label and its figures, one below the other with those of other lines. */
export const line = (label: string, ...cells: string[]): string =>
  (label.padEnd(LABEL_WIDTH) + cells.map((cell) => cell.padEnd(CELL_WIDTH)).join('')).trimEnd()

export const spread = ({ median, min, max }: Spread, digits: number, unit = ''): string =>
  `${median.toFixed(digits)}${unit} (${min.toFixed(digits)}–${max.toFixed(digits)})`

/** In thousands. */
export const thousands = ({ median, min, max }: Spread): string =>
  `${kilo(median)} k (${kilo(min)}–${kilo(max)})`

export const sum = (...parts: number[]): string =>
  `${parts.map((part) => part.toFixed(2)).join(' + ')} = ${parts.reduce((one, other) => one + other, 0).toFixed(2)} s`

export const kilo = (value: number): string => (value / 1000).toFixed(1)
export const count = (value: number): string => value.toLocaleString('en-US')
export const megabytes = (bytes: number): string =>
  Number.isNaN(bytes) ? 'not told' : `${(bytes / 1e6).toFixed(0)} MB`
